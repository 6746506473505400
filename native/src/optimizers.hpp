// Optimizers: from a gradient to the next parameters; the C++ side of glassnet.net.optimizers.
#pragma once

#include "simd.hpp"

namespace glassnet::GLASSNET_TARGET {

// A rule's constants at one step; Adam's rate has its bias corrections in it.
template <class T>
struct StepConstants {
    T rate, first, first_rest, second, second_rest, epsilon, decay;
};

// A rule takes the vector of parameters at `i`, whose gradient is g, one step further, and with it what it
// remembers there (in m, in v).
template <class T>
struct GradientDescent {
    static GLASSNET_INLINE void update(T* parameters, T*, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        store(parameters + i, load(parameters + i) - broadcast<T>(c.rate) * g);
    }
};

template <class T, bool AHEAD>  // AHEAD: Nesterov
struct Momentum {
    static GLASSNET_INLINE void update(T* parameters, T* velocity, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> mu = broadcast<T>(c.first), pull = broadcast<T>(c.rate) * g, v = mu * load(velocity + i) - pull;
        store(velocity + i, v);
        store(parameters + i, load(parameters + i) + (AHEAD ? mu * v - pull : v));
    }
};

template <class T>
struct RmsProp {
    static GLASSNET_INLINE void update(T* parameters, T* squares, T*, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> s = broadcast<T>(c.first) * load(squares + i) + broadcast<T>(c.first_rest) * (g * g);
        store(squares + i, s);
        store(parameters + i, load(parameters + i) - quotient(broadcast<T>(c.rate) * g, square_root(s) + broadcast<T>(c.epsilon)));
    }
};

template <class T, bool DECAY>  // DECAY: AdamW
struct Adam {
    static GLASSNET_INLINE void update(T* parameters, T* m, T* v, Index i, Vec<T> g, const StepConstants<T>& c) {
        const Vec<T> old = load(parameters + i);
        const Vec<T> mean = broadcast<T>(c.first) * load(m + i) + broadcast<T>(c.first_rest) * g;
        const Vec<T> square = broadcast<T>(c.second) * load(v + i) + broadcast<T>(c.second_rest) * (g * g);
        store(m + i, mean);
        store(v + i, square);
        Vec<T> next = old - quotient(broadcast<T>(c.rate) * mean, square_root(square) + broadcast<T>(c.epsilon));
        if constexpr (DECAY) next = next - broadcast<T>(c.decay) * old;
        store(parameters + i, next);
    }
};

// Calls visit with an object of the rule's class.
template <class T, class F>
void with_rule(Rule rule, const F& visit) {
    switch (rule) {
        case Rule::momentum: return visit(Momentum<T, false>{});
        case Rule::nesterov: return visit(Momentum<T, true>{});
        case Rule::rmsprop: return visit(RmsProp<T>{});
        case Rule::adam: return visit(Adam<T, false>{});
        case Rule::adamw: return visit(Adam<T, true>{});
        default: return visit(GradientDescent<T>{});
    }
}

// `count` numbers (whole vectors) that lie one after the other, whatever they belong to: θ, g, and the moments.
template <class T>
using UpdateRule = void (*)(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>&);

template <class T, class U>
void update_all(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>& constants) {
    const StepConstants<T> c = constants;  // nothing that is written can be these
    for (Index i = 0; i < count; i += LANES<T>) U::update(parameters, m, v, i, load(gradient + i), c);
}

template <class T>
UpdateRule<T> update_rule(Rule rule) {
    UpdateRule<T> result = nullptr;
    with_rule<T>(rule, [&](auto u) { result = update_all<T, decltype(u)>; });
    return result;
}

// `step` counts from 1. An epsilon that is less than the smallest normal number becomes that, so that a parameter
// that has never had a gradient stays where it is.
template <class T>
StepConstants<T> step_constants(const OptimizerSpec& o, double rate, Index step) {
    constexpr double least_epsilon = sizeof(T) == 4 ? 1.17549435e-38 : 2.2250738585072014e-308;
    double corrected = rate;
    if (o.rule == Rule::adam || o.rule == Rule::adamw) {
        const double t = double(step);
        corrected *= ::sqrt(1 - ::pow(o.second, t)) / (1 - ::pow(o.first, t));
    }
    return {T(corrected),    T(o.first), T(1 - o.first),
            T(o.second),     T(1 - o.second), T(greatest(o.epsilon, least_epsilon)),
            T(rate * o.weight_decay)};
}

}  // namespace glassnet::GLASSNET_TARGET
