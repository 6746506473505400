// Vectors of the instruction set that a file is compiled for, and the operations on them that the kernels need.
//
// This file and those that include it are compiled once per instruction set, into the namespace GLASSNET_ISA. They
// use no inline function of the standard library: the linker keeps only one copy of such a function, and that copy might
// be one that the processor cannot run.
#pragma once

#include <float.h>
#include <math.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>  // compiles faster
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include "spec.hpp"

#if !defined(GLASSNET_ISA)
#define GLASSNET_ISA baseline
#endif
#if defined(_MSC_VER) && !defined(__clang__)
#define GLASSNET_INLINE __forceinline
#define GLASSNET_UNROLL
#else
#define GLASSNET_INLINE inline __attribute__((always_inline))
#define GLASSNET_UNROLL _Pragma("GCC unroll 16")
#endif

namespace glassnet::GLASSNET_ISA {

#if defined(__AVX512F__)
constexpr int VECTOR_BYTES = 64, REGISTERS = 32;
#elif defined(__AVX__)
constexpr int VECTOR_BYTES = 32, REGISTERS = 16;
#elif defined(__aarch64__)
constexpr int VECTOR_BYTES = 16, REGISTERS = 32;
#else
constexpr int VECTOR_BYTES = 16, REGISTERS = 16;
#endif

template <class T>
constexpr int LANES = VECTOR_BYTES / int(sizeof(T));

template <class T>
struct Vectors;

}  // namespace glassnet::GLASSNET_ISA

#if !defined(__GNUC__) || (!defined(__clang__) && __GNUC__ < 9)  // they cannot convert vectors of one type to another
#define GLASSNET_PLAIN
#endif
#if defined(GLASSNET_PLAIN)
#include "simd_plain.hpp"
#else
#include "simd_gnu.hpp"
#endif

namespace glassnet::GLASSNET_ISA {

template <class T>
GLASSNET_INLINE Vec<T> zero() {
    return broadcast<T>(T(0));
}

template <class T>
constexpr T minimum(T a, T b) {
    return b < a ? b : a;
}

template <class T>
constexpr T maximum(T a, T b) {
    return a < b ? b : a;
}

constexpr Index CACHE_LINE = 64;  // bytes

// Where part number `part` begins, if `total` things are divided into `parts` equal parts.
constexpr Index begin_of(Index part, Index parts, Index total) { return parts == 1 ? part * total : total * part / parts; }

inline bool finite(double x) { return x - x == 0; }

constexpr Index round_up(Index value, Index step) { return (value + step - 1) / step * step; }

// 0, 1, 2 ...
template <class T>
GLASSNET_INLINE Vec<T> lane_numbers() {
    alignas(64) static constexpr T numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return load(numbers);
}

// A mask of the first `count` lanes, or of all lanes if there are fewer.
template <class T>
GLASSNET_INLINE auto first_lanes(Index count) {
    return lane_numbers<T>() < broadcast<T>(T(minimum<Index>(count, LANES<T>)));
}

template <class T>
GLASSNET_INLINE Vec<T> absolute(Vec<T> x) {
    using I = typename Vectors<T>::Int;
    return as_real<T>(as_bits<T>(x) & ~(I(1) << (8 * int(sizeof(T)) - 1)));
}

template <class T>
GLASSNET_INLINE Vec<T> with_sign_of(Vec<T> magnitude, Vec<T> sign) {
    using I = typename Vectors<T>::Int;
    return as_real<T>(as_bits<T>(magnitude) | (as_bits<T>(sign) & (I(1) << (8 * int(sizeof(T)) - 1))));
}

// Both keep a NaN in x.
template <class T>
GLASSNET_INLINE Vec<T> at_most(Vec<T> x, T limit) {
    return select(x > broadcast<T>(limit), broadcast<T>(limit), x);
}

template <class T>
GLASSNET_INLINE Vec<T> at_least(Vec<T> x, T limit) {
    return select(x < broadcast<T>(limit), broadcast<T>(limit), x);
}

// The sum of all lanes, in a fixed order.
template <class T>
GLASSNET_INLINE T sum_of(Vec<T> x) {
    if constexpr (LANES<T> >= 16) x = x + exchange<T, 8>(x);
    if constexpr (LANES<T> >= 8) x = x + exchange<T, 4>(x);
    if constexpr (LANES<T> >= 4) x = x + exchange<T, 2>(x);
    x = x + exchange<T, 1>(x);
    return first_of<T>(x);
}

template <class T>
GLASSNET_INLINE T maximum_of(Vec<T> x) {
    const auto larger = [](Vec<T> a, Vec<T> b) GLASSNET_LAMBDA { return select(a > b, a, b); };
    if constexpr (LANES<T> >= 16) x = larger(x, exchange<T, 8>(x));
    if constexpr (LANES<T> >= 8) x = larger(x, exchange<T, 4>(x));
    if constexpr (LANES<T> >= 4) x = larger(x, exchange<T, 2>(x));
    x = larger(x, exchange<T, 1>(x));
    return first_of<T>(x);
}

#if !defined(GLASSNET_PLAIN)
template <class T>
GLASSNET_INLINE double sum_of_wide(typename Vectors<T>::Wide x) {
    if constexpr (sizeof(T) == 8) {
        return sum_of<double>(x);
    } else {
        Vec<double> halves[2];
        __builtin_memcpy(halves, &x, sizeof x);
        return sum_of<double>(halves[0] + halves[1]);
    }
}
#endif

// Sums of each lane in float64.
template <class T>
struct Sum64 {
    using Wide = typename Vectors<T>::Wide;
    Wide sums = {};

    GLASSNET_INLINE void add(Vec<T> x) { sums += widen<T>(x); }
    GLASSNET_INLINE void add_square(Vec<T> x) {
        const Wide wide = widen<T>(x);  // the square may overflow in float32
        sums += wide * wide;
    }
    GLASSNET_INLINE double total() const { return sum_of_wide<T>(sums); }
    GLASSNET_INLINE double lane(Index i) const { return reinterpret_cast<const double*>(&sums)[i]; }
};

// Turns rows into columns by interleaving the two halves of the rows log2(LANES) times.
template <class T>
GLASSNET_INLINE void transpose(Vec<T> (&rows)[LANES<T>]) {
    constexpr int N = LANES<T>;
    for (int round = 1; round < N; round *= 2) {
        Vec<T> next[N];
        for (int i = 0; i < N / 2; ++i) {
            next[2 * i] = zip_low<T>(rows[i], rows[i + N / 2]);
            next[2 * i + 1] = zip_high<T>(rows[i], rows[i + N / 2]);
        }
        for (int i = 0; i < N; ++i) rows[i] = next[i];
    }
}

// While it exists, numbers below the smallest normal one count as 0 on this thread: processors are slow on them.
class FlushToZero {
  public:
#if defined(__SSE2__) || defined(_M_X64)
    FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
    ~FlushToZero() { _mm_setcsr(before_); }

  private:
    unsigned before_;
#elif defined(__aarch64__) && defined(__GNUC__)
    FlushToZero() {
        __asm__ __volatile__("mrs %0, fpcr" : "=r"(before_));
        __asm__ __volatile__("msr fpcr, %0" : : "r"(before_ | (1ull << 24)));
    }
    ~FlushToZero() { __asm__ __volatile__("msr fpcr, %0" : : "r"(before_)); }

  private:
    unsigned long long before_;
#else
    FlushToZero() {}
#endif
};

}  // namespace glassnet::GLASSNET_ISA
