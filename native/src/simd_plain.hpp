// The vector operations as plain loops over lanes, for compilers without vector types. Included by simd.hpp.
#pragma once

#include <cmath>
#include <cstring>

#define GLASSNET_LAMBDA

namespace glassnet::GLASSNET_ISA {

// Lanes of any number type, with the operators of GCC's vector types.
template <class N, int COUNT>
struct Lanes {
    N lane[COUNT];

    template <class F>
    static Lanes of(const F& make) {
        Lanes result;
        for (int i = 0; i < COUNT; ++i) result.lane[i] = make(i);
        return result;
    }
    friend Lanes operator+(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] + b.lane[i]); }); }
    friend Lanes operator-(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] - b.lane[i]); }); }
    friend Lanes operator*(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] * b.lane[i]); }); }
    friend Lanes operator/(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] / b.lane[i]); }); }
    friend Lanes operator&(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] & b.lane[i]); }); }
    friend Lanes operator|(Lanes a, Lanes b) { return of([&](int i) { return N(a.lane[i] | b.lane[i]); }); }
    friend Lanes operator&(Lanes a, N b) { return of([&](int i) { return N(a.lane[i] & b); }); }
    friend Lanes operator+(Lanes a, N b) { return of([&](int i) { return N(a.lane[i] + b); }); }
    friend Lanes operator<<(Lanes a, int b) { return of([&](int i) { return N(std::make_unsigned_t<N>(a.lane[i]) << b); }); }
    friend Lanes operator>>(Lanes a, int b) { return of([&](int i) { return N(a.lane[i] >> b); }); }
    Lanes operator-() const { return of([&](int i) { return N(-lane[i]); }); }
    Lanes& operator+=(Lanes b) { return *this = *this + b; }
};

// Comparisons give lanes of integers with all bits set for true.
template <class T, int COUNT, class I = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>
Lanes<I, COUNT> operator>(Lanes<T, COUNT> a, Lanes<T, COUNT> b) {
    return Lanes<I, COUNT>::of([&](int i) { return a.lane[i] > b.lane[i] ? I(-1) : I(0); });
}
template <class T, int COUNT>
auto operator<(Lanes<T, COUNT> a, Lanes<T, COUNT> b) {
    return b > a;
}
template <class T, int COUNT, class I = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>
Lanes<I, COUNT> operator>=(Lanes<T, COUNT> a, Lanes<T, COUNT> b) {
    return Lanes<I, COUNT>::of([&](int i) { return a.lane[i] >= b.lane[i] ? I(-1) : I(0); });
}
template <class T, int COUNT>
auto operator<=(Lanes<T, COUNT> a, Lanes<T, COUNT> b) {
    return b >= a;
}
template <class T, int COUNT, class I = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>
Lanes<I, COUNT> operator==(Lanes<T, COUNT> a, Lanes<T, COUNT> b) {
    return Lanes<I, COUNT>::of([&](int i) { return a.lane[i] == b.lane[i] ? I(-1) : I(0); });
}

template <class T>
struct Vectors {
    using Int = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    using Real = Lanes<T, LANES<T>>;
    using Bits = Lanes<Int, LANES<T>>;
    using Wide = Lanes<double, LANES<T>>;
};

template <class T>
using Vec = typename Vectors<T>::Real;
template <class T>
using Bits = typename Vectors<T>::Bits;

template <class T>
Vec<T> load(const T* from) {
    return Vec<T>::of([&](int i) { return from[i]; });
}

template <class T>
void store(T* to, Vec<T> x) {
    for (int i = 0; i < LANES<T>; ++i) to[i] = x.lane[i];
}

template <class T>
Vec<T> broadcast(T x) {
    return Vec<T>::of([&](int) { return x; });
}

template <class T>
Bits<T> as_bits(Vec<T> x) {
    Bits<T> bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

template <class T>
Vec<T> as_real(Bits<T> bits) {
    Vec<T> x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

template <class T>
Vec<T> to_real(Bits<T> x) {
    return Vec<T>::of([&](int i) { return T(x.lane[i]); });
}

template <class T>
typename Vectors<T>::Wide widen(Vec<T> x) {
    return Vectors<T>::Wide::of([&](int i) { return double(x.lane[i]); });
}

template <class T>
double sum_of_wide(typename Vectors<T>::Wide x) {
    double sum = 0;
    for (double part : x.lane) sum += part;
    return sum;
}

template <class M, class V>
V select(M mask, V yes, V no) {
    return V::of([&](int i) { return mask.lane[i] ? yes.lane[i] : no.lane[i]; });
}

template <class T>
T first_of(Vec<T> x) {
    return x.lane[0];
}

template <class T, int S>
Vec<T> exchange(Vec<T> x) {
    return Vec<T>::of([&](int i) { return x.lane[i ^ S]; });
}

template <class T>
Vec<T> zip_low(Vec<T> a, Vec<T> b) {
    return Vec<T>::of([&](int i) { return i % 2 ? b.lane[i / 2] : a.lane[i / 2]; });
}

template <class T>
Vec<T> zip_high(Vec<T> a, Vec<T> b) {
    return Vec<T>::of([&](int i) { return i % 2 ? b.lane[LANES<T> / 2 + i / 2] : a.lane[LANES<T> / 2 + i / 2]; });
}

template <class N, int COUNT>
Lanes<N, COUNT> square_root(Lanes<N, COUNT> x) {
    return Lanes<N, COUNT>::of([&](int i) { return std::sqrt(x.lane[i]); });
}

template <class N, int COUNT>
Lanes<N, COUNT> quotient(Lanes<N, COUNT> a, Lanes<N, COUNT> b) {
    return a / b;
}

inline void prefetch(const void*) {}
inline void prefetch_to_write(const void*) {}

}  // namespace glassnet::GLASSNET_ISA
