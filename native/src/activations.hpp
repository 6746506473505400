// Activations, each with its derivative ("slope"); the C++ counterpart of glassnet.net.activations.
//
// The activations of a hidden layer replace its pre-activations in place. Most slopes can be computed from the
// activation `a` alone. Those that need `z`, and those that dropout changes, are stored during the forward pass.
#pragma once

#include "math.hpp"
#include "panels.hpp"

namespace glassnet::GLASSNET_ISA {

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
struct Selu {
    static constexpr bool slope_needs_z = false;
    static constexpr T SCALE = T(1.0507009873554805), LOWEST = T(1.0507009873554805 * 1.6732632423543772);
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) {
        return select(z > zero<T>(), broadcast<T>(SCALE) * z, broadcast<T>(LOWEST) * expm1_of<T>(at_most<T>(z, T(0))));
    }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) {
        return select(a > zero<T>(), broadcast<T>(SCALE), a + broadcast<T>(LOWEST));
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
struct Mish {
    static constexpr bool slope_needs_z = true;
    // tanh(log(1 + exp(z))), from exp(-|z|) as in glassnet.net.activations.
    static GLASSNET_INLINE Vec<T> inner(Vec<T> z) {
        const Vec<T> one = broadcast<T>(T(1)), two = broadcast<T>(T(2)), e = exp_of<T>(-absolute<T>(z));
        const Vec<T> numerator = select(z < zero<T>(), e * (e + two), one + two * e);
        return numerator / (numerator + select(z < zero<T>(), two, two * e * e));
    }
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return z * inner(z); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T> z, Vec<T>) {
        const Vec<T> t = inner(z);
        return t + z * (broadcast<T>(T(1)) - t * t) * sigmoid_of<T>(z);
    }
};

template <class T>
struct Exponential {
    static constexpr bool slope_needs_z = false;
    static GLASSNET_INLINE Vec<T> value(Vec<T> z) { return exp_of<T>(at_most<T>(z, sizeof(T) == 4 ? T(80) : T(700))); }
    static GLASSNET_INLINE Vec<T> slope(Vec<T>, Vec<T> a) { return a; }
};

// The functions of an activation, for the vectors of an extent.
template <class T>
struct ElementwiseFunctions {
    bool slope_needs_z;
    void (*forward)(const T* z, T* a, const Extent& extent);  // z and a may be the same
    void (*forward_with_slopes)(const T* z, T* a, T* slopes, const Extent& extent);
    void (*backward)(T* gradient, const T* z, const T* a, const Extent& extent);  // from ∂loss/∂a to ∂loss/∂z
};

template <class T, class F>
void forward_of(const T* z, T* a, const Extent& extent) {
    for_each_vector<T>(extent, [&](Index i) GLASSNET_LAMBDA { store(a + i, F::value(load(z + i))); });
}

template <class T, class F>
void forward_with_slopes_of(const T* z, T* a, T* slopes, const Extent& extent) {
    for_each_vector<T>(extent, [&](Index i) GLASSNET_LAMBDA {
        const Vec<T> x = load(z + i), y = F::value(x);
        store(a + i, y);
        store(slopes + i, F::slope(x, y));
    });
}

template <class T, class F>
void backward_of(T* gradient, const T* z, const T* a, const Extent& extent) {
    for_each_vector<T>(extent, [&](Index i) GLASSNET_LAMBDA {
        const Vec<T> x = F::slope_needs_z ? load(z + i) : zero<T>();
        store(gradient + i, load(gradient + i) * F::slope(x, load(a + i)));
    });
}

template <class T>
void multiply_elementwise(T* numbers, const T* factors, const Extent& extent) {
    for_each_vector<T>(extent, [&](Index i) GLASSNET_LAMBDA { store(numbers + i, load(numbers + i) * load(factors + i)); });
}

// Calls visit with an object of the activation's class. The part of softmax that acts on each number is the identity.
template <class T, class F>
auto with_activation(Activation activation, const F& visit) {
    switch (activation) {
#define GLASSNET_CASE(name, Class) \
    case Activation::name: return visit(Class<T>{});
        GLASSNET_ELEMENTWISE_ACTIVATIONS(GLASSNET_CASE)
#undef GLASSNET_CASE
        case Activation::softmax: break;
    }
    return visit(Identity<T>{});
}

template <class T>
ElementwiseFunctions<T> elementwise_functions(Activation activation) {
    return with_activation<T>(activation, [](auto f) -> ElementwiseFunctions<T> {
        using F = decltype(f);
        return {F::slope_needs_z, forward_of<T, F>, forward_with_slopes_of<T, F>, backward_of<T, F>};
    });
}

}  // namespace glassnet::GLASSNET_ISA
