// The table of the compiled instruction sets, and what must exist only once. Compiled without special instructions.
#include "instruction_sets.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#define GLASSNET_DECLARE(isa)                             \
    namespace glassnet::isa {                             \
    template <class T>                                    \
    Run<T>* open_run(const RunSpec& spec);                \
    template <>                                           \
    Run<float>* open_run<float>(const RunSpec& spec);     \
    template <>                                           \
    Run<double>* open_run<double>(const RunSpec& spec);   \
    }

GLASSNET_DECLARE(baseline)
#if defined(GLASSNET_X86)
GLASSNET_DECLARE(avx2)
GLASSNET_DECLARE(avx512)
#endif

namespace glassnet {

template <class T>
Run<T>::~Run() = default;
template class Run<float>;
template class Run<double>;

namespace {

bool always() { return true; }

#if defined(GLASSNET_X86)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

}  // namespace

const InstructionSet INSTRUCTION_SETS[] = {
#if defined(GLASSNET_X86)
    {"avx512", has_avx512, avx512::open_run<float>, avx512::open_run<double>},
    {"avx2", has_avx2, avx2::open_run<float>, avx2::open_run<double>},
#endif
    {"baseline", always, baseline::open_run<float>, baseline::open_run<double>},
    {nullptr, nullptr, nullptr, nullptr},
};

void* allocate(std::size_t bytes) {
    constexpr std::size_t line = 64, large_page = std::size_t(1) << 21;
    const std::size_t alignment = bytes >= 2 * large_page ? large_page : line;
    const std::size_t size = (bytes + alignment - 1) / alignment * alignment + (bytes == 0 ? alignment : 0);
#if defined(_WIN32)
    void* const memory = _aligned_malloc(size, alignment);
#else
    void* const memory = std::aligned_alloc(alignment, size);
#endif
    if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    if (alignment == large_page) madvise(memory, size, MADV_HUGEPAGE);
#endif
    std::memset(memory, 0, size);
    return memory;
}

void release(void* memory) noexcept {
#if defined(_WIN32)
    _aligned_free(memory);
#else
    std::free(memory);
#endif
}

}  // namespace glassnet
