// How matrices lie in memory while a run works on them.
//
// Rows of activations and deltas: `Panels`, strips of PANEL columns, each strip a block of its own in which
// the rows follow one another. So the innermost loops walk through memory in a straight line, whatever
// the width of a layer, and the numbers of one strip of some rows are one contiguous piece.
//
// Weights: `Packed`, strips of NARROW columns with all rows (the biases are the last row, which meets a
// column of ones among the activations). Widths are padded to whole vectors; padding is 0 in weights,
// and never read in activations.
#pragma once

#include "buffer.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr int TILE_VECTORS = REGISTERS == 32 ? 4 : 2;  // a tile's columns, in vectors
template <class T>
constexpr int NARROW = TILE_VECTORS * LANES<T>;  // columns of a strip of weights
template <class T>
constexpr int PANEL = REGISTERS == 32 ? NARROW<T> : 4 * NARROW<T>;  // columns of a strip of activations

// Calls visit with the number of vectors in a strip as a constant.
template <class F>
decltype(auto) with_vectors(Index vectors, const F& visit) {
    if constexpr (TILE_VECTORS == 4) {
        if (vectors == 4) return visit(std::integral_constant<int, 4>{});
        if (vectors == 3) return visit(std::integral_constant<int, 3>{});
    }
    return vectors == 2 ? visit(std::integral_constant<int, 2>{}) : visit(std::integral_constant<int, 1>{});
}

template <class T>
struct Panels {
    T* data = nullptr;
    Index capacity = 0;  // rows
    Index columns = 0;   // padded

    static Index size(Index capacity, Index columns) { return capacity * round_up(columns, LANES<T>); }

    Index count() const { return (columns + PANEL<T> - 1) / PANEL<T>; }
    Index width(Index panel) const { return least<Index>(PANEL<T>, columns - panel * PANEL<T>); }
    T* row(Index panel, Index row) const { return data + panel * capacity * PANEL<T> + row * width(panel); }
    T* at(Index row_, Index column) const {
        return row(column / PANEL<T>, row_) + column % PANEL<T>;
    }
};

// One matrix (rows, columns) in strips, or several of the same form (weights, moments, gradient).
template <class T>
struct Packed {
    Index rows = 0, columns = 0;  // columns padded

    Index size() const { return rows * columns; }
    Index count() const { return (columns + NARROW<T> - 1) / NARROW<T>; }
    Index width(Index strip) const { return least<Index>(NARROW<T>, columns - strip * NARROW<T>); }
    Index offset(Index strip, Index row) const { return strip * rows * NARROW<T> + row * width(strip); }
};

// Calls visit(packed offset, flat offset, count) for every piece of a row of a (rows, used) flat matrix.
template <class T, class F>
void each_piece(const Packed<T>& form, Index used, const F& visit) {
    for (Index strip = 0; strip < form.count(); ++strip) {
        const Index first = strip * NARROW<T>, count = least<Index>(form.width(strip), used - first);
        for (Index row = 0; row < form.rows; ++row) visit(form.offset(strip, row), row * used + first, count);
    }
}

template <class T>
void pack(const Packed<T>& form, Index used, const T* flat, T* packed) {
    each_piece(form, used, [&](Index to, Index from, Index count) {
        for (Index i = 0; i < count; ++i) packed[to + i] = flat[from + i];
    });
}

template <class T>
void unpack(const Packed<T>& form, Index used, const T* packed, T* flat) {
    each_piece(form, used, [&](Index from, Index to, Index count) {
        for (Index i = 0; i < count; ++i) flat[to + i] = packed[from + i];
    });
}

// Copies LANES rows of `width` numbers, of which `present` are there, to where they are columns of rows that lie
// `turned_width` apart; the others become zeros.
template <class T>
GLASSNET_INLINE void turn_rows(const T* from, Index width, Index present, T* to, Index turned_width) {
    constexpr int N = LANES<T>;
    for (Index column = 0; column < width; column += N) {
        Vec<T> square[N];
        for (int i = 0; i < N; ++i) square[i] = i < present ? load(from + i * width + column) : zero<T>();
        transpose<T>(square);
        for (int i = 0; i < N; ++i) store(to + (column + i) * turned_width, square[i]);
    }
}

// Copies rows [begin, end) of one strip of `weights`, which begins at a multiple of LANES, to where they
// are columns of `turned`; rows from `inputs` on (the biases) become zeros.
template <class T>
void turn(const Packed<T>& form, const T* weights, Index strip, Index begin, Index end, Index inputs,
          const Packed<T>& turned_form, T* turned) {
    for (Index row = begin; row < least(end, inputs); row += LANES<T>) {
        const Index turned_strip = row / NARROW<T>;
        turn_rows(weights + form.offset(strip, row), form.width(strip), inputs - row,
                  turned + turned_form.offset(turned_strip, strip * NARROW<T>) + row % NARROW<T>, turned_form.width(turned_strip));
    }
}

}  // namespace glassnet::GLASSNET_TARGET
