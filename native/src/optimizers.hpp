// Optimizers: from a gradient to the next parameters; the C++ counterpart of glassnet.net.optimizers.
#pragma once

#include "simd.hpp"

namespace glassnet::GLASSNET_ISA {

// The constants of one step. Adam's rate includes its bias corrections.
template <class T>
struct StepConstants {
    T rate, decay, decay_rest, decay2, decay2_rest, epsilon, weight_decay;  // a rest is 1 - decay
};

// `update` replaces the vector of parameters at `i`, whose gradient is g, and the moments there (in m, in v).
template <class T>
struct GradientDescent {
    static constexpr bool corrects_bias = false;
    static GLASSNET_INLINE void update(T* parameters, T*, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        store(parameters + i, load(parameters + i) - broadcast<T>(c.rate) * g);
    }
};

template <class T, bool NESTEROV>
struct VelocityUpdate {
    static constexpr bool corrects_bias = false;
    static GLASSNET_INLINE void update(T* parameters, T* velocity, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> mu = broadcast<T>(c.decay), pull = broadcast<T>(c.rate) * g, v = mu * load(velocity + i) - pull;
        store(velocity + i, v);
        store(parameters + i, load(parameters + i) + (NESTEROV ? mu * v - pull : v));
    }
};

template <class T>
using Momentum = VelocityUpdate<T, false>;
template <class T>
using Nesterov = VelocityUpdate<T, true>;

template <class T>
struct RmsProp {
    static constexpr bool corrects_bias = false;
    static GLASSNET_INLINE void update(T* parameters, T* squares, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> s = broadcast<T>(c.decay) * load(squares + i) + broadcast<T>(c.decay_rest) * (g * g);
        store(squares + i, s);
        store(parameters + i, load(parameters + i) - quotient(broadcast<T>(c.rate) * g, square_root(s) + broadcast<T>(c.epsilon)));
    }
};

template <class T, bool WEIGHT_DECAY>
struct AdamUpdate {
    static constexpr bool corrects_bias = true;
    static GLASSNET_INLINE void update(T* parameters, T* m, T* v, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> old = load(parameters + i);
        const Vec<T> mean = broadcast<T>(c.decay) * load(m + i) + broadcast<T>(c.decay_rest) * g;
        const Vec<T> square = broadcast<T>(c.decay2) * load(v + i) + broadcast<T>(c.decay2_rest) * (g * g);
        store(m + i, mean);
        store(v + i, square);
        Vec<T> next = old - quotient(broadcast<T>(c.rate) * mean, square_root(square) + broadcast<T>(c.epsilon));
        if constexpr (WEIGHT_DECAY) next = next - broadcast<T>(c.weight_decay) * old;
        store(parameters + i, next);
    }
};

template <class T>
using Adam = AdamUpdate<T, false>;
template <class T>
using AdamW = AdamUpdate<T, true>;

// Updates `count` parameters (whole vectors) that lie one after the other.
template <class T>
using UpdateFunction = void (*)(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>&);

template <class T, class U>
void update_all(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>& constants) {
    const StepConstants<T> c = constants;  // a copy, which the compiler knows is not overwritten
    for (Index i = 0; i < count; i += LANES<T>) U::update(parameters, m, v, i, load(gradient + i), c);
}

template <class T>
struct UpdateRule {
    UpdateFunction<T> update;
    bool corrects_bias;
};

// Calls visit with an object of the optimizer's class.
template <class T, class F>
auto with_optimizer(Optimizer optimizer, const F& visit) {
    switch (optimizer) {
#define GLASSNET_CASE(name, Class, moments) \
    case Optimizer::name: return visit(Class<T>{});
        GLASSNET_OPTIMIZERS(GLASSNET_CASE)
#undef GLASSNET_CASE
    }
    return visit(GradientDescent<T>{});
}

template <class T>
UpdateRule<T> update_rule(Optimizer optimizer) {
    return with_optimizer<T>(optimizer, [](auto rule) -> UpdateRule<T> {
        using U = decltype(rule);
        return {update_all<T, U>, U::corrects_bias};
    });
}

// `step` counts from 1. An epsilon below the smallest normal number is replaced by that number, so that a parameter
// whose gradient was always 0 does not change.
template <class T>
StepConstants<T> step_constants(const OptimizerSpec& o, bool corrects_bias, double rate, Index step) {
    constexpr double smallest_normal = sizeof(T) == 4 ? 1.17549435e-38 : 2.2250738585072014e-308;
    double corrected = rate;
    if (corrects_bias) corrected *= ::sqrt(1 - ::pow(o.decay2, double(step))) / (1 - ::pow(o.decay, double(step)));
    return {T(corrected),    T(o.decay),      T(1 - o.decay), T(o.decay2),
            T(1 - o.decay2), T(maximum(o.epsilon, smallest_normal)), T(rate * o.weight_decay)};
}

}  // namespace glassnet::GLASSNET_ISA
