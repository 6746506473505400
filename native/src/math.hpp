// exp, expm1, log, log1p and tanh of whole vectors, with errors of about 2 units in the last place.
//
// NaN gives NaN. Arguments of exp must not pass 88 (float) or 709 (double); below the smallest normal
// result it gives 0.
#pragma once

#include "simd.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
struct Format;

template <>
struct Format<float> {
    static constexpr int mantissa = 23, bias = 127;
    static constexpr float lowest = -87.0f;         // exp is still a normal number
    static constexpr float shifter = 12582912.0f;   // 1.5 * 2^23: adding it rounds to an integer
    static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    static constexpr float saturation = 10.0f;      // tanh is 1 from here on
    static constexpr int exp_terms = 6, log_terms = 8;
};

template <>
struct Format<double> {
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double lowest = -708.0;
    static constexpr double shifter = 6755399441055744.0;  // 1.5 * 2^52
    static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    static constexpr double saturation = 20.0;
    static constexpr int exp_terms = 12, log_terms = 16;
};

// 1/2!, 1/3!, 1/4! ...: exp(r) = 1 + r + r² (1/2! + r/3! + ...).
constexpr double EXP_SERIES[12] = {1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,        1.0 / 5040,
                                   1.0 / 40320,  1.0 / 362880,  1.0 / 3628800,  1.0 / 39916800,  1.0 / 479001600., 1.0 / 6227020800.};
// 1, 1/3, 1/5 ...: atanh(s) = s (1 + s²/3 + s⁴/5 + ...).
constexpr double ATANH_SERIES[16] = {1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13, 1.0 / 15,
                                     1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25, 1.0 / 27, 1.0 / 29, 1.0 / 31};

// Σ c[i] x^i in groups of four, which makes the chain of dependent operations short.
template <class T, int N>
GLASSNET_INLINE Vec<T> polynomial(const double* c, Vec<T> x) {
    static_assert(N % 2 == 0 && N >= 4);
    const auto at = [c](int i) GLASSNET_LAMBDA { return broadcast<T>(T(c[i])); };
    const Vec<T> x2 = x * x, x4 = x2 * x2;
    constexpr int top = N % 4 == 2 ? N - 2 : N - 4;
    Vec<T> sum = at(top) + at(top + 1) * x;
    if constexpr (N % 4 == 0) sum = sum + (at(top + 2) + at(top + 3) * x) * x2;
    for (int i = top - 4; i >= 0; i -= 4) {
        sum = ((at(i) + at(i + 1) * x) + (at(i + 2) + at(i + 3) * x) * x2) + sum * x4;
    }
    return sum;
}

// exp(x) = scale * (1 + rest), with |rest| < 0.42 and scale a power of two.
template <class T>
struct Exponent {
    Vec<T> scale, rest;
};

template <class T>
GLASSNET_INLINE Exponent<T> exponent_of(Vec<T> x) {
    using F = Format<T>;
    const Vec<T> shifter = broadcast<T>(F::shifter);
    const Vec<T> shifted = x * broadcast<T>(T(1.44269504088896340736)) + shifter;
    const Vec<T> n = shifted - shifter;
    const Vec<T> r = (x - n * broadcast<T>(F::ln2_high)) - n * broadcast<T>(F::ln2_low);
    const Vec<T> scale = as_real<T>((as_bits<T>(shifted) + F::bias) << F::mantissa);
    return {scale, r + r * r * polynomial<T, F::exp_terms>(EXP_SERIES, r)};
}

template <class T>
GLASSNET_INLINE Vec<T> exp_of(Vec<T> x) {
    const auto [scale, rest] = exponent_of<T>(x);
    return select(x < broadcast<T>(Format<T>::lowest), zero<T>(), scale + scale * rest);
}

template <class T>
GLASSNET_INLINE Vec<T> expm1_of(Vec<T> x) {
    const auto [scale, rest] = exponent_of<T>(x);
    const Vec<T> one = broadcast<T>(T(1));
    return select(x < broadcast<T>(Format<T>::lowest), -one, (scale - one) + scale * rest);
}

template <class T>
GLASSNET_INLINE Vec<T> twice_atanh(Vec<T> s) {
    return (s + s) * polynomial<T, Format<T>::log_terms>(ATANH_SERIES, s * s);
}

// log(1 + u) for u in [0, 1].
template <class T>
GLASSNET_INLINE Vec<T> log1p_of_unit(Vec<T> u) {
    return twice_atanh<T>(u / (u + broadcast<T>(T(2))));
}

// log(x) for x > 0, including infinity.
template <class T>
GLASSNET_INLINE Vec<T> log_of(Vec<T> x) {
    using F = Format<T>;
    const Vec<T> one = broadcast<T>(T(1));
    const Bits<T> half = as_bits<T>(broadcast<T>(T(0.70710678118654752440)));
    const Bits<T> power = (as_bits<T>(x) - half) >> F::mantissa;
    const Vec<T> m = as_real<T>(as_bits<T>(x) - (power << F::mantissa));  // in [√½, √2)
    const Vec<T> n = to_real<T>(power);
    const Vec<T> value =
        n * broadcast<T>(F::ln2_high) + (twice_atanh<T>((m - one) / (m + one)) + n * broadcast<T>(F::ln2_low));
    return select(x < broadcast<T>(T(HUGE_VALF)), value, x);
}

template <class T>
GLASSNET_INLINE Vec<T> tanh_of(Vec<T> x) {
    const Vec<T> size = at_most<T>(absolute<T>(x), Format<T>::saturation);
    const auto [scale, rest] = exponent_of<T>(size * broadcast<T>(T(-2)));
    const Vec<T> t = (scale - broadcast<T>(T(1))) + scale * rest;  // exp(-2|x|) - 1
    return with_sign_of<T>(absolute<T>(t / (t + broadcast<T>(T(2)))), x);
}

template <class T>
GLASSNET_INLINE Vec<T> sigmoid_of(Vec<T> z) {
    const Vec<T> one = broadcast<T>(T(1)), e = exp_of<T>(-absolute<T>(z));
    return select(z < zero<T>(), e, one) / (one + e);
}

}  // namespace glassnet::GLASSNET_ISA
