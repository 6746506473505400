#include "caches.hpp"

#if defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__unix__)
#include <unistd.h>
#endif

namespace glassnet {

namespace {

constexpr Index UNKNOWN = Index(1) << 20, LEAST = Index(1) << 18, MOST = Index(1) << 23;

Index reported() {
#if defined(__APPLE__)
    std::int64_t bytes = 0;
    std::size_t size = sizeof bytes;
    return sysctlbyname("hw.l2cachesize", &bytes, &size, nullptr, 0) == 0 ? Index(bytes) : 0;
#elif defined(_SC_LEVEL2_CACHE_SIZE)
    return Index(sysconf(_SC_LEVEL2_CACHE_SIZE));
#else
    return 0;
#endif
}

}  // namespace

Index second_level_cache() {
    static const Index bytes = reported();
    return bytes < LEAST || bytes > MOST ? UNKNOWN : bytes;  // an implausible size is not one of a core
}

}  // namespace glassnet
