// The vector operations on the vector types of GCC and Clang. Included by simd.hpp.
#pragma once

#define GLASSNET_LAMBDA __attribute__((always_inline))

namespace glassnet::GLASSNET_ISA {

template <>
struct Vectors<float> {
    using Int = std::int32_t;
    typedef float Real __attribute__((vector_size(VECTOR_BYTES)));
    typedef std::int32_t Bits __attribute__((vector_size(VECTOR_BYTES)));
    typedef float Stored __attribute__((vector_size(VECTOR_BYTES), may_alias));
    typedef double Wide __attribute__((vector_size(2 * VECTOR_BYTES)));  // as many lanes
};

template <>
struct Vectors<double> {
    using Int = std::int64_t;
    typedef double Real __attribute__((vector_size(VECTOR_BYTES)));
    typedef std::int64_t Bits __attribute__((vector_size(VECTOR_BYTES)));
    typedef double Stored __attribute__((vector_size(VECTOR_BYTES), may_alias));
    typedef double Wide __attribute__((vector_size(VECTOR_BYTES)));
};

template <class T>
using Vec = typename Vectors<T>::Real;
template <class T>
using Bits = typename Vectors<T>::Bits;

template <class T>
GLASSNET_INLINE Vec<T> load(const T* from) {
    return *reinterpret_cast<const typename Vectors<T>::Stored*>(from);
}

template <class T>
GLASSNET_INLINE void store(T* to, Vec<T> x) {
    *reinterpret_cast<typename Vectors<T>::Stored*>(to) = x;
}

template <class T, std::size_t... I>
GLASSNET_INLINE Vec<T> broadcast_lanes(T x, std::index_sequence<I...>) {
    return Vec<T>{((void)I, x)...};
}

template <class T>
GLASSNET_INLINE Vec<T> broadcast(T x) {
    return broadcast_lanes<T>(x, std::make_index_sequence<LANES<T>>{});
}

template <class T>
GLASSNET_INLINE Bits<T> as_bits(Vec<T> x) {
    return reinterpret_cast<Bits<T>>(x);
}

template <class T>
GLASSNET_INLINE Vec<T> as_real(Bits<T> x) {
    return reinterpret_cast<Vec<T>>(x);
}

template <class T>
GLASSNET_INLINE Vec<T> to_real(Bits<T> x) {
    return __builtin_convertvector(x, Vec<T>);
}

template <class T>
GLASSNET_INLINE typename Vectors<T>::Wide widen(Vec<T> x) {
    return __builtin_convertvector(x, typename Vectors<T>::Wide);
}

template <class M, class V>
GLASSNET_INLINE V select(M mask, V yes, V no) {
    return mask ? yes : no;
}

template <class T>
GLASSNET_INLINE T first_of(Vec<T> x) {
    return x[0];
}

// The lanes with these numbers, where those of a come first and those of b follow.
template <class T, int... LANE>
GLASSNET_INLINE Vec<T> shuffled(Vec<T> a, Vec<T> b) {
#if defined(__clang__) || __GNUC__ >= 12
    return __builtin_shufflevector(a, b, LANE...);
#else
    return __builtin_shuffle(a, b, Bits<T>{LANE...});
#endif
}

// Lane i gets lane i ^ S.
template <class T, int S, std::size_t... I>
GLASSNET_INLINE Vec<T> exchange_lanes(Vec<T> x, std::index_sequence<I...>) {
    return shuffled<T, (int(I) ^ S)...>(x, x);
}

template <class T, int S>
GLASSNET_INLINE Vec<T> exchange(Vec<T> x) {
    return exchange_lanes<T, S>(x, std::make_index_sequence<LANES<T>>{});
}

template <class T, int START, std::size_t... I>
GLASSNET_INLINE Vec<T> zip_lanes(Vec<T> a, Vec<T> b, std::index_sequence<I...>) {
    return shuffled<T, (int(I) / 2 + START + (I % 2 ? LANES<T> : 0))...>(a, b);
}

template <class T>
GLASSNET_INLINE Vec<T> zip_low(Vec<T> a, Vec<T> b) {
    return zip_lanes<T, 0>(a, b, std::make_index_sequence<LANES<T>>{});
}

template <class T>
GLASSNET_INLINE Vec<T> zip_high(Vec<T> a, Vec<T> b) {
    return zip_lanes<T, LANES<T> / 2>(a, b, std::make_index_sequence<LANES<T>>{});
}

#if defined(__AVX512F__)
// What replaces `estimate` where the estimate for x is wrong: four bits for each class of x, the third from the right
// for zeros and the sixth for +infinity; 0 keeps the estimate, 1 puts x in its place, 8 puts 0.
constexpr int SAME_AT_ZERO_AND_INFINITY = 0x100100, ZERO_AT_INFINITY = 0x800000;

template <int WHAT>
GLASSNET_INLINE Vec<float> corrected(Vec<float> estimate, Vec<float> x) {
    return reinterpret_cast<Vec<float>>(_mm512_fixupimm_ps(reinterpret_cast<__m512>(estimate), reinterpret_cast<__m512>(x),
                                                           _mm512_set1_epi32(WHAT), 0));
}

template <int WHAT>
GLASSNET_INLINE Vec<double> corrected(Vec<double> estimate, Vec<double> x) {
    return reinterpret_cast<Vec<double>>(_mm512_fixupimm_pd(reinterpret_cast<__m512d>(estimate), reinterpret_cast<__m512d>(x),
                                                            _mm512_set1_epi64(WHAT), 0));
}
#endif

// √x for x >= 0, with an error of at most 1 unit in the last place.
GLASSNET_INLINE Vec<float> square_root(Vec<float> x) {
#if defined(__AVX512F__)
    return reinterpret_cast<Vec<float>>(_mm512_maskz_sqrt_ps(0xFFFF, reinterpret_cast<__m512>(x)));
#elif defined(__AVX__)
    return reinterpret_cast<Vec<float>>(_mm256_sqrt_ps(reinterpret_cast<__m256>(x)));
#elif defined(__SSE2__)
    return reinterpret_cast<Vec<float>>(_mm_sqrt_ps(reinterpret_cast<__m128>(x)));
#elif defined(__aarch64__)
    return reinterpret_cast<Vec<float>>(vsqrtq_f32(reinterpret_cast<float32x4_t>(x)));
#else
    for (int i = 0; i < LANES<float>; ++i) x[i] = __builtin_sqrtf(x[i]);
    return x;
#endif
}

GLASSNET_INLINE Vec<double> square_root(Vec<double> x) {
#if defined(__AVX512F__)  // in float64 the square root instruction is far slower than an estimate corrected by a series
    const Vec<double> y = reinterpret_cast<Vec<double>>(_mm512_maskz_rsqrt14_pd(0xFF, reinterpret_cast<__m512d>(x)));
    const Vec<double> root = x * y, e = 1.0 - root * y;
    return corrected<SAME_AT_ZERO_AND_INFINITY>(root + (root * e) * (0.5 + e * (0.375 + e * 0.3125)), x);
#elif defined(__AVX__)
    return reinterpret_cast<Vec<double>>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(x)));
#elif defined(__SSE2__)
    return reinterpret_cast<Vec<double>>(_mm_sqrt_pd(reinterpret_cast<__m128d>(x)));
#elif defined(__aarch64__)
    return reinterpret_cast<Vec<double>>(vsqrtq_f64(reinterpret_cast<float64x2_t>(x)));
#else
    for (int i = 0; i < LANES<double>; ++i) x[i] = __builtin_sqrt(x[i]);
    return x;
#endif
}

// a / b for b > 0, with an error of at most 1 unit in the last place.
GLASSNET_INLINE Vec<float> quotient(Vec<float> a, Vec<float> b) {
#if defined(__AVX512F__)  // division would be the slowest part of an update: an estimate and one Newton step
    const Vec<float> r = reinterpret_cast<Vec<float>>(_mm512_maskz_rcp14_ps(0xFFFF, reinterpret_cast<__m512>(b)));
    const Vec<float> q = a * r;
    return q + r * corrected<ZERO_AT_INFINITY>(a - b * q, b);
#else
    return a / b;
#endif
}

GLASSNET_INLINE Vec<double> quotient(Vec<double> a, Vec<double> b) {
#if defined(__AVX512F__)
    const Vec<double> r = reinterpret_cast<Vec<double>>(_mm512_maskz_rcp14_pd(0xFF, reinterpret_cast<__m512d>(b)));
    const Vec<double> q = a * r, e = corrected<ZERO_AT_INFINITY>(1.0 - b * r, b), better = q + q * e;
    return better + better * (e * e);
#else
    return a / b;
#endif
}

// Asks for a cache line that will be needed soon.
GLASSNET_INLINE void prefetch(const void* address) { __builtin_prefetch(address, 0, 2); }
GLASSNET_INLINE void prefetch_to_write(const void* address) { __builtin_prefetch(address, 1, 3); }

}  // namespace glassnet::GLASSNET_ISA
