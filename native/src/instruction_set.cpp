// Compiled once per instruction set (GLASSNET_ISA) and type of numbers (GLASSNET_NUMBER): see CMakeLists.txt.
#include "engine.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
Run<T>* open_run(const RunSpec& spec);

template <>
Run<GLASSNET_NUMBER>* open_run<GLASSNET_NUMBER>(const RunSpec& spec) {
    return new Engine<GLASSNET_NUMBER>(spec);
}

}  // namespace glassnet::GLASSNET_ISA
