// Losses of single outputs, each with its gradient; the C++ counterpart of glassnet.net.losses.
//
// A loss has `of`, from the activation `a` of an output and its target `y`. A loss that is linked to an output
// activation (`Link`) has `of_link`, which computes the loss from the pre-activation `z` and whose gradient is in z.
#pragma once

#include "activations.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
struct LossAndGradient {
    Vec<T> loss, gradient;
};

struct NoLink {};

template <class T>
GLASSNET_INLINE Vec<T> y_log_y(Vec<T> y) {
    return y * log_of<T>(select(y > zero<T>(), y, broadcast<T>(T(1))));
}

template <class T>
struct SquaredError {
    using Link = NoLink;
    static constexpr bool needs_link = false;
    static GLASSNET_INLINE LossAndGradient<T> of(Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y;
        return {error * error * broadcast<T>(T(0.5)), error};
    }
};

template <class T>
struct AbsoluteError {
    using Link = NoLink;
    static constexpr bool needs_link = false;
    static GLASSNET_INLINE LossAndGradient<T> of(Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y, one = broadcast<T>(T(1));
        return {absolute<T>(error), select(error > zero<T>(), one, select(error < zero<T>(), -one, error))};
    }
};

template <class T>
struct Huber {
    using Link = NoLink;
    static constexpr bool needs_link = false;
    static GLASSNET_INLINE LossAndGradient<T> of(Vec<T> a, Vec<T> y, T delta) {
        const Vec<T> error = a - y, size = absolute<T>(error), d = broadcast<T>(delta), half = broadcast<T>(T(0.5));
        return {select(size <= d, size * size * half, d * (size - d * half)), at_least<T>(at_most<T>(error, delta), -delta)};
    }
};

template <class T>
struct Quantile {
    using Link = NoLink;
    static constexpr bool needs_link = false;
    static GLASSNET_INLINE LossAndGradient<T> of(Vec<T> a, Vec<T> y, T level) {
        const Vec<T> rest = y - a, above = broadcast<T>(level), below = broadcast<T>(level - T(1));
        return {select(rest >= zero<T>(), above * rest, below * rest),
                select(a > y, -below, select(a < y, -above, zero<T>()))};
    }
};

template <class T>
struct Poisson {
    using Link = Exponential<T>;
    static constexpr bool needs_link = false;
    static constexpr T FLOOR = T(1e-12);
    static GLASSNET_INLINE LossAndGradient<T> of(Vec<T> a, Vec<T> y, T) {
        const Vec<T> mean = at_least<T>(a, FLOOR);
        return {mean - y - y * log_of<T>(mean) + y_log_y<T>(y), broadcast<T>(T(1)) - y / mean};
    }
    static GLASSNET_INLINE LossAndGradient<T> of_link(Vec<T> z, Vec<T> a, Vec<T> y) {
        return {a - y - y * z + y_log_y<T>(y), a - y};
    }
};

template <class T>
struct BinaryLogLoss {
    using Link = Sigmoid<T>;
    static constexpr bool needs_link = true;  // there is no `of`
    static GLASSNET_INLINE LossAndGradient<T> of_link(Vec<T> z, Vec<T> a, Vec<T> y) {
        return {at_least<T>(z, T(0)) - y * z + log1p_of_unit<T>(exp_of<T>(-absolute<T>(z))), a - y};
    }
};

}  // namespace glassnet::GLASSNET_ISA
