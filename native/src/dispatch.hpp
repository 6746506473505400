// Which of the compiled instruction sets to use.
#pragma once

#include "spec.hpp"

namespace glassnet {

// One instruction set's way to open runs.
struct Target {
    const char* name;
    bool (*runs_here)();
    Run<float>* (*open_float)(const RunSpec&);
    Run<double>* (*open_double)(const RunSpec&);
};

// Ends with an entry whose name is null; the best first.
extern const Target TARGETS[];

}  // namespace glassnet
