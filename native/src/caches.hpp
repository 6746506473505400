// The caches of the processor.
#pragma once

#include "spec.hpp"

namespace glassnet {

// The bytes of the second-level cache of a core; 1 MB where the system does not tell.
Index second_level_cache();

}  // namespace glassnet
