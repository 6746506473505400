// The instruction sets that the kernels are compiled for.
#pragma once

#include "spec.hpp"

namespace glassnet {

struct InstructionSet {
    const char* name;
    bool (*runs_here)();
    Run<float>* (*open_float)(const RunSpec&);
    Run<double>* (*open_double)(const RunSpec&);
};

// The best first. Ends with an entry whose name is null.
extern const InstructionSet INSTRUCTION_SETS[];

}  // namespace glassnet
