// Losses, each with its gradient beside it; the C++ side of glassnet.net.losses.
#pragma once

#include "math.hpp"

namespace glassnet::GLASSNET_TARGET {

template <class T>
struct LossAt {
    Vec<T> loss, gradient;
};

template <class T>
GLASSNET_INLINE Vec<T> y_log_y(Vec<T> y) {
    return y * log_of<T>(select(y > zero<T>(), y, broadcast<T>(T(1))));
}

// Losses of an output `a` of pre-activation `z`, and their gradients in `a`; those of a loss that is linked to the
// output activation are in `z`.
template <class T>
struct SquaredError {
    static constexpr bool linked = false;
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y;
        return {error * error * broadcast<T>(T(0.5)), error};
    }
};

template <class T>
struct AbsoluteError {
    static constexpr bool linked = false;
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y, one = broadcast<T>(T(1));
        return {absolute<T>(error), select(error > zero<T>(), one, select(error < zero<T>(), -one, error))};
    }
};

template <class T>
struct Huber {
    static constexpr bool linked = false;
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T delta) {
        const Vec<T> error = a - y, size = absolute<T>(error), d = broadcast<T>(delta), half = broadcast<T>(T(0.5));
        return {select(size <= d, size * size * half, d * (size - d * half)), at_least<T>(at_most<T>(error, delta), -delta)};
    }
};

template <class T>
struct Quantile {
    static constexpr bool linked = false;
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T level) {
        const Vec<T> rest = y - a, above = broadcast<T>(level), below = broadcast<T>(level - T(1));
        return {select(rest >= zero<T>(), above * rest, below * rest),
                select(a > y, -below, select(a < y, -above, zero<T>()))};
    }
};

template <class T>
struct Poisson {
    static constexpr bool linked = false;
    static constexpr T FLOOR = T(1e-12);
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> mean = at_least<T>(a, FLOOR);
        return {mean - y - y * log_of<T>(mean) + y_log_y<T>(y), broadcast<T>(T(1)) - y / mean};
    }
};

template <class T>
struct LinkedPoisson {
    static constexpr bool linked = true;
    static GLASSNET_INLINE LossAt<T> at(Vec<T> z, Vec<T> a, Vec<T> y, T) { return {a - y - y * z + y_log_y<T>(y), a - y}; }
};

template <class T>
struct BinaryLogLoss {
    static constexpr bool linked = true;
    static GLASSNET_INLINE LossAt<T> at(Vec<T> z, Vec<T> a, Vec<T> y, T) {
        return {at_least<T>(z, T(0)) - y * z + log1p_of_unit<T>(exp_of<T>(-absolute<T>(z))), a - y};
    }
};

}  // namespace glassnet::GLASSNET_TARGET
