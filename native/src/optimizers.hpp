// Optimizers: from a gradient to the next parameters; the C++ side of glassnet.net.optimizers.
//
// Each works on `count` numbers (whole vectors) that lie one after the other, whatever they belong to.
#pragma once

#include "simd.hpp"

namespace glassnet::GLASSNET_TARGET {

// A rule's constants at one step; Adam's rate has its bias corrections in it.
template <class T>
struct StepConstants {
    T rate, first, first_rest, second, second_rest, epsilon, decay;
};

// θ, g, and the moments m and v.
template <class T>
using UpdateRule = void (*)(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>&);

template <class T>
void gradient_descent(T* parameters, const T* gradient, T*, T*, Index count, const StepConstants<T>& c) {
    const Vec<T> rate = broadcast<T>(c.rate);
    for (Index i = 0; i < count; i += LANES<T>) store(parameters + i, load(parameters + i) - rate * load(gradient + i));
}

template <class T, bool AHEAD>  // AHEAD: Nesterov
void momentum(T* parameters, const T* gradient, T* velocity, T*, Index count, const StepConstants<T>& c) {
    const Vec<T> rate = broadcast<T>(c.rate), mu = broadcast<T>(c.first);
    for (Index i = 0; i < count; i += LANES<T>) {
        const Vec<T> pull = rate * load(gradient + i), v = mu * load(velocity + i) - pull;
        store(velocity + i, v);
        store(parameters + i, load(parameters + i) + (AHEAD ? mu * v - pull : v));
    }
}

template <class T>
void rmsprop(T* parameters, const T* gradient, T* squares, T*, Index count, const StepConstants<T>& c) {
    const Vec<T> rate = broadcast<T>(c.rate), keep = broadcast<T>(c.first), rest = broadcast<T>(c.first_rest);
    const Vec<T> epsilon = broadcast<T>(c.epsilon);
    for (Index i = 0; i < count; i += LANES<T>) {
        const Vec<T> g = load(gradient + i), s = keep * load(squares + i) + rest * (g * g);
        store(squares + i, s);
        store(parameters + i, load(parameters + i) - quotient(rate * g, square_root(s) + epsilon));
    }
}

template <class T, bool DECAY>  // DECAY: AdamW
void adam(T* parameters, const T* gradient, T* m, T* v, Index count, const StepConstants<T>& c) {
    const Vec<T> rate = broadcast<T>(c.rate), epsilon = broadcast<T>(c.epsilon), decay = broadcast<T>(c.decay);
    const Vec<T> first = broadcast<T>(c.first), first_rest = broadcast<T>(c.first_rest);
    const Vec<T> second = broadcast<T>(c.second), second_rest = broadcast<T>(c.second_rest);
    for (Index i = 0; i < count; i += LANES<T>) {
        const Vec<T> g = load(gradient + i), old = load(parameters + i);
        const Vec<T> mean = first * load(m + i) + first_rest * g, square = second * load(v + i) + second_rest * (g * g);
        store(m + i, mean);
        store(v + i, square);
        Vec<T> next = old - quotient(rate * mean, square_root(square) + epsilon);
        if constexpr (DECAY) next = next - decay * old;
        store(parameters + i, next);
    }
}

template <class T>
UpdateRule<T> update_rule(Rule rule) {
    switch (rule) {
        case Rule::momentum: return momentum<T, false>;
        case Rule::nesterov: return momentum<T, true>;
        case Rule::rmsprop: return rmsprop<T>;
        case Rule::adam: return adam<T, false>;
        case Rule::adamw: return adam<T, true>;
        default: return gradient_descent<T>;
    }
}

// `step` counts from 1. An epsilon of 0 becomes the smallest normal number, so that a parameter that has
// never had a gradient stays where it is.
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
