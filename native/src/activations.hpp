// Activations, each with its slope beside it; the C++ side of glassnet.net.activations.
//
// A layer's activations replace its pre-activations in place. Most slopes follow from the activation `a`
// alone; those that need `z` (and those that dropout has changed) are kept from the forward pass on.
#pragma once

#include "math.hpp"

namespace glassnet::GLASSNET_TARGET {

template <class T>
struct Identity {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return z; }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T>) { return broadcast<T>(T(1)); }
};

template <class T>
struct Step {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return select(z > zero<T>(), broadcast<T>(T(1)), zero<T>()); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T>) { return zero<T>(); }
};

template <class T>
struct Relu {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return at_least<T>(z, T(0)); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return select(a > zero<T>(), broadcast<T>(T(1)), zero<T>()); }
};

template <class T>
struct LeakyRelu {
    static constexpr bool slope_needs_z = false;
    static constexpr T LEAK = T(0.01);
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return select(z > zero<T>(), z, broadcast<T>(LEAK) * z); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return select(a > zero<T>(), broadcast<T>(T(1)), broadcast<T>(LEAK)); }
};

template <class T>
struct Elu {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return select(z > zero<T>(), z, expm1_of<T>(at_most<T>(z, T(0)))); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) {
        const Vec<T> one = broadcast<T>(T(1));
        return select(a > zero<T>(), one, a + one);
    }
};

template <class T>
struct Sigmoid {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return sigmoid_of<T>(z); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return a * (broadcast<T>(T(1)) - a); }
};

template <class T>
struct Tanh {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return tanh_of<T>(z); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return broadcast<T>(T(1)) - a * a; }
};

template <class T>
struct Softplus {
    static constexpr bool slope_needs_z = true;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return at_least<T>(z, T(0)) + log1p_of_unit<T>(exp_of<T>(-absolute<T>(z))); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T> z, Vec<T>) { return sigmoid_of<T>(z); }
};

template <class T>
struct Gelu {
    static constexpr bool slope_needs_z = true;
    static constexpr T SCALE = T(0.79788456080286535588), CUBIC = T(0.044715);
    static GLASSNET_INLINE Vec<T> inner(Vec<T> z) {
        return tanh_of<T>(broadcast<T>(SCALE) * (z + broadcast<T>(CUBIC) * (z * z * z)));
    }
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return z * (broadcast<T>(T(1)) + inner(z)) * broadcast<T>(T(0.5)); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T> z, Vec<T>) {
        const Vec<T> one = broadcast<T>(T(1)), t = inner(z);
        const Vec<T> bend = broadcast<T>(SCALE) * (one + (broadcast<T>(3 * CUBIC) * z) * z);
        return ((one + t) + z * (one - t * t) * bend) * broadcast<T>(T(0.5));
    }
};

template <class T>
struct Silu {
    static constexpr bool slope_needs_z = true;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return z * sigmoid_of<T>(z); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T> z, Vec<T> a) {
        const Vec<T> s = sigmoid_of<T>(z);
        return s + a * (broadcast<T>(T(1)) - s);
    }
};

template <class T>
struct Exponential {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return exp_of<T>(at_most<T>(z, sizeof(T) == 4 ? T(80) : T(700))); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return a; }
};

// What a layer does with `count` numbers (whole vectors) that lie one after the other.
template <class T>
struct Elementwise {
    bool slope_needs_z;
    void (*forward)(T* z, Index count);                    // z becomes a
    void (*forward_keeping)(T* z, T* slopes, Index count); // and the slopes are kept
    void (*backward)(T* error, const T* a, Index count);   // ∂loss/∂a becomes ∂loss/∂z
    void (*output)(const T* z, T* a, Index count);         // z is kept
};

template <class T, class F>
void forward_of(T* z, Index count) {
    for (Index i = 0; i < count; i += LANES<T>) store(z + i, F::value(load(z + i)));
}

template <class T, class F>
void forward_keeping_of(T* z, T* slopes, Index count) {
    for (Index i = 0; i < count; i += LANES<T>) {
        const Vec<T> x = load(z + i), a = F::value(x);
        store(z + i, a);
        store(slopes + i, F::slope(x, a));
    }
}

template <class T, class F>
void backward_of(T* error, const T* a, Index count) {
    for (Index i = 0; i < count; i += LANES<T>) {
        store(error + i, load(error + i) * F::slope(zero<T>(), load(a + i)));
    }
}

template <class T, class F>
void output_of(const T* z, T* a, Index count) {
    for (Index i = 0; i < count; i += LANES<T>) store(a + i, F::value(load(z + i)));
}

template <class T>
void multiply(T* numbers, const T* factors, Index count) {
    for (Index i = 0; i < count; i += LANES<T>) store(numbers + i, load(numbers + i) * load(factors + i));
}

template <class T, class F>
constexpr Elementwise<T> elementwise_of() {
    return {F::slope_needs_z, forward_of<T, F>, forward_keeping_of<T, F>, backward_of<T, F>, output_of<T, F>};
}

// Calls visit with an object of the activation's class. Softmax, which looks at the whole row, is in output.hpp.
template <class T, class F>
void with_activation(Activation activation, const F& visit) {
    switch (activation) {
        case Activation::step: return visit(Step<T>{});
        case Activation::relu: return visit(Relu<T>{});
        case Activation::leaky_relu: return visit(LeakyRelu<T>{});
        case Activation::elu: return visit(Elu<T>{});
        case Activation::sigmoid: return visit(Sigmoid<T>{});
        case Activation::tanh: return visit(Tanh<T>{});
        case Activation::softplus: return visit(Softplus<T>{});
        case Activation::gelu: return visit(Gelu<T>{});
        case Activation::silu: return visit(Silu<T>{});
        case Activation::exponential: return visit(Exponential<T>{});
        default: return visit(Identity<T>{});
    }
}

template <class T>
Elementwise<T> elementwise(Activation activation) {
    Elementwise<T> functions;
    with_activation<T>(activation, [&](auto f) { functions = elementwise_of<T, decltype(f)>(); });
    return functions;
}

}  // namespace glassnet::GLASSNET_TARGET
