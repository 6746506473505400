// Products of narrow matrices, each with what is done to its result while that is still in registers.
//
// In a small network it is not the arithmetic that takes the time but the ways to and from memory, and the
// calls. So layers of up to FUSED_VECTORS vectors have kernels of their own, one a layer and direction. As in
// the general kernels every element is one chain of fused multiply-adds, whatever tile it falls into; and
// whether a layer is served here depends on its shape and on the rows of the batch, never on the threads.
#pragma once

#include "activations.hpp"
#include "kernels.hpp"
#include "optimizers.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr int FUSED_VECTORS = 2;  // of a row
constexpr int FUSED_ROWS = 4;     // of a tile: more would be little faster, and much more code

// Some rows of one panel.
template <class T>
struct Block {
    T* data;
    Index width;  // from row to row
};

// The gradient of the penalties, already scaled, for the first `rows` rows of what is updated.
template <class T>
struct PenaltySlope {
    T l1, l2;
    Index rows;

    GLASSNET_INLINE Vec<T> added_to(Vec<T> gradient, Vec<T> w) const {
        const Vec<T> one = broadcast<T>(l1), sign = select(w > zero<T>(), one, select(w < zero<T>(), -one, zero<T>()));
        return (gradient + sign) + broadcast<T>(l2) * w;
    }
};

// Calls tile(R, first row) until `rows` rows are done, with R a constant.
template <class F>
GLASSNET_INLINE void in_tiles(Index rows, const F& tile) {
    Index row = 0;
    for (; row + FUSED_ROWS <= rows; row += FUSED_ROWS) tile(std::integral_constant<int, FUSED_ROWS>{}, row);
    switch (rows - row) {
        case 3: return tile(std::integral_constant<int, 3>{}, row);
        case 2: return tile(std::integral_constant<int, 2>{}, row);
        case 1: return tile(std::integral_constant<int, 1>{}, row);
        default: return;
    }
}

constexpr Index NOWHERE = -1;  // the last layer's outputs have no column of ones

template <class T, int R, int V>
GLASSNET_INLINE Tile<T, R, V> product(const T* a, Index a_row, Index a_term, const T* b, Index b_term, Index terms) {
    Tile<T, R, V> tile;
    tile.begin(nullptr, 0, false);
    for (Index k = 0; k < terms; ++k, a += a_term, b += b_term) tile.add(a, a_row, b);
    return tile;
}

// c = F(a b), and where `slopes` are wanted F'(a b); then 1 in column `ones` of c, which meets the next biases.
template <class T, class F, int V>
void fused_forward(Block<T> a, Index terms, const T* b, Block<T> c, T* slopes, Index ones, Index rows) {
    const auto biased = lane_numbers<T>() == broadcast<T>(T(ones - (V - 1) * LANES<T>));
    in_tiles(rows, [&](auto R, Index row) GLASSNET_LAMBDA {
        const auto tile = product<T, R, V>(a.data + row * a.width, a.width, 1, b, V * LANES<T>, terms);
        for (int r = 0; r < R; ++r) {
            const Index at = (row + r) * c.width;
            for (int v = 0; v < V; ++v) {
                const Vec<T> z = tile.sum[r][v], value = F::value(z);
                store(c.data + at + v * LANES<T>, v == V - 1 ? select(biased, broadcast<T>(T(1)), value) : value);
                if (slopes) store(slopes + at + v * LANES<T>, F::slope(z, value));
            }
            if (ones == V * LANES<T>) c.data[at + ones] = T(1);
        }
    });
}

// c = a b, times F' at the activations; where `slopes` were kept, times those.
template <class T, class F, int V>
void fused_backward(Block<T> a, Index terms, const T* b, Block<T> c, const T* activations, const T* slopes, Index rows) {
    in_tiles(rows, [&](auto R, Index row) GLASSNET_LAMBDA {
        const auto tile = product<T, R, V>(a.data + row * a.width, a.width, 1, b, V * LANES<T>, terms);
        for (int r = 0; r < R; ++r) {
            for (int v = 0; v < V; ++v) {
                const Index at = (row + r) * c.width + v * LANES<T>;
                const Vec<T> slope = slopes ? load(slopes + at) : F::slope(zero<T>(), load(activations + at));
                store(c.data + at, tile.sum[r][v] * slope);
            }
        }
    });
}

// `rows` rows of weights, from those of the first `terms` rows of activations and deltas, to the next ones.
template <class T, class U, int V>
void fused_update(Block<T> a, Block<T> deltas, Index terms, T* weights, T* m, T* v, Index rows,
                  const StepConstants<T>& constants, const PenaltySlope<T>& penalty) {
    const StepConstants<T> c = constants;
    in_tiles(rows, [&](auto R, Index row) GLASSNET_LAMBDA {
        const auto tile = product<T, R, V>(a.data + row, 1, a.width, deltas.data, deltas.width, terms);
        for (int r = 0; r < R; ++r) {
            for (int i = 0; i < V; ++i) {
                const Index at = ((row + r) * V + i) * LANES<T>;
                const Vec<T> gradient = tile.sum[r][i];
                U::update(weights, m, v, at, row + r < penalty.rows ? penalty.added_to(gradient, load(weights + at)) : gradient, c);
            }
        }
    });
}

template <class T>
struct Fused {
    void (*forward)(Block<T>, Index, const T*, Block<T>, T*, Index, Index) = nullptr;
    void (*backward)(Block<T>, Index, const T*, Block<T>, const T*, const T*, Index) = nullptr;
    void (*update)(Block<T>, Block<T>, Index, T*, T*, T*, Index, const StepConstants<T>&, const PenaltySlope<T>&) = nullptr;
};

// For a layer of `vectors` vectors; all null where that is too many.
template <class T>
Fused<T> fused(Index vectors, Activation activation, Rule rule) {
    Fused<T> result;
    const auto with = [&](auto V) {
        with_activation<T>(activation, [&](auto f) {
            using F = decltype(f);
            result.forward = fused_forward<T, F, V>, result.backward = fused_backward<T, F, V>;
        });
        with_rule<T>(rule, [&](auto u) { result.update = fused_update<T, decltype(u), V>; });
    };
    if (vectors == 1) with(std::integral_constant<int, 1>{});
    else if (vectors <= FUSED_VECTORS) with(std::integral_constant<int, 2>{});
    return result;
}

}  // namespace glassnet::GLASSNET_TARGET
