// Compiled once per instruction set, each time with another GLASSNET_TARGET.
#include "engine.hpp"

namespace glassnet::GLASSNET_TARGET {

Run<float>* open_float(const RunSpec& spec) { return new Engine<float>(spec); }
Run<double>* open_double(const RunSpec& spec) { return new Engine<double>(spec); }

}  // namespace glassnet::GLASSNET_TARGET
