// How matrices are stored during a run. README.md has a drawing.
//
// Activations and deltas: `Panels`. The columns are divided into panels of PANEL columns. Each panel is a block of
// its own in which the rows follow one another, so that the inner loops read memory in order, whatever the width of
// the layer, and some rows of a panel are one contiguous piece.
//
// Weights: `StripLayout`. The columns are divided into strips of STRIP columns, each with all rows. The last row holds
// the biases; they are multiplied by a column of ones that follows the activations.
//
// Widths are padded to whole vectors. The padding of weights is 0; the padding of activations is never read.
#pragma once

#include "buffer.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr int TILE_VECTORS = REGISTERS == 32 ? 4 : 2;  // columns of a tile of a product, in vectors
template <class T>
constexpr int STRIP = TILE_VECTORS * LANES<T>;
template <class T>
constexpr int PANEL = REGISTERS == 32 ? STRIP<T> : 4 * STRIP<T>;

// Calls visit with the number of vectors in a strip as a constant.
template <class F>
decltype(auto) with_vectors(Index vectors, const F& visit) {
    if constexpr (TILE_VECTORS == 4) {
        if (vectors == 4) return visit(std::integral_constant<int, 4>{});
        if (vectors == 3) return visit(std::integral_constant<int, 3>{});
    }
    return vectors == 2 ? visit(std::integral_constant<int, 2>{}) : visit(std::integral_constant<int, 1>{});
}

// `columns` numbers (whole vectors) of each of `rows` rows that lie `stride` numbers apart.
struct Extent {
    Index rows, columns, stride;
};

// Calls visit(offset) for every vector of an extent.
template <class T, class F>
GLASSNET_INLINE void for_each_vector(const Extent& extent, const F& visit) {
    const Index columns = extent.columns, stride = extent.stride, end = extent.rows * stride;
    for (Index row = 0; row < end; row += stride) {
        for (Index i = row; i < row + columns; i += LANES<T>) visit(i);
    }
}

// Some rows of one panel.
template <class T>
struct Block {
    T* data;
    Index stride;  // from row to row
};

template <class T>
struct Panels {
    T* data = nullptr;
    Index capacity = 0;  // rows
    Index columns = 0;   // padded

    static Index size(Index capacity, Index columns) { return capacity * round_up(columns, LANES<T>); }

    Index count() const { return (columns + PANEL<T> - 1) / PANEL<T>; }
    Index width(Index panel) const { return minimum<Index>(PANEL<T>, columns - panel * PANEL<T>); }
    T* row(Index panel, Index row) const { return data + panel * capacity * PANEL<T> + row * width(panel); }
    T* at(Index row_, Index column) const { return row(column / PANEL<T>, row_) + column % PANEL<T>; }

    // From row `begin` on, where there is only one panel.
    Block<T> block(Index begin) const { return {row(0, begin), columns}; }

    // Of some rows of a panel, those columns that are among the first `used` of the matrix.
    Extent extent(Index panel, Index rows, Index used) const {
        const Index stride = width(panel), present = minimum<Index>(PANEL<T>, used - panel * PANEL<T>);
        return present == stride ? Extent{1, rows * stride, rows * stride} : Extent{rows, present, stride};
    }
};

// Where the numbers of a matrix (rows, columns) are that is stored in strips: weights, moments or a gradient.
template <class T>
struct StripLayout {
    Index rows = 0, columns = 0;  // columns padded

    Index size() const { return rows * columns; }
    Index count() const { return (columns + STRIP<T> - 1) / STRIP<T>; }
    Index width(Index strip) const { return minimum<Index>(STRIP<T>, columns - strip * STRIP<T>); }
    Index offset(Index strip, Index row) const { return strip * rows * STRIP<T> + row * width(strip); }
};

// Calls visit(offset in strips, offset in the flat matrix (rows, used), count) for every row of every strip.
template <class T, class F>
void for_each_strip_row(const StripLayout<T>& layout, Index used, const F& visit) {
    for (Index strip = 0; strip < layout.count(); ++strip) {
        const Index first = strip * STRIP<T>, count = minimum<Index>(layout.width(strip), used - first);
        for (Index row = 0; row < layout.rows; ++row) visit(layout.offset(strip, row), row * used + first, count);
    }
}

template <class T>
void pack(const StripLayout<T>& layout, Index used, const T* flat, T* packed) {
    for_each_strip_row(layout, used, [&](Index to, Index from, Index count) {
        for (Index i = 0; i < count; ++i) packed[to + i] = flat[from + i];
    });
}

template <class T>
void unpack(const StripLayout<T>& layout, Index used, const T* packed, T* flat) {
    for_each_strip_row(layout, used, [&](Index from, Index to, Index count) {
        for (Index i = 0; i < count; ++i) flat[to + i] = packed[from + i];
    });
}

// Copies LANES rows of `width` numbers, of which the first `present` exist, to columns of rows that lie `to_stride`
// apart; the missing rows become zeros.
template <class T>
GLASSNET_INLINE void transpose_rows(const T* from, Index width, Index present, T* to, Index to_stride) {
    constexpr int N = LANES<T>;
    for (Index column = 0; column < width; column += N) {
        Vec<T> square[N];
        for (int i = 0; i < N; ++i) square[i] = i < present ? load(from + i * width + column) : zero<T>();
        transpose<T>(square);
        for (int i = 0; i < N; ++i) store(to + (column + i) * to_stride, square[i]);
    }
}

// Copies rows [begin, end) of one strip of `weights` to columns of `transposed`; `begin` is a multiple of LANES.
// Rows from `inputs` on (the biases) become zeros.
template <class T>
void transpose_strip(const StripLayout<T>& layout, const T* weights, Index strip, Index begin, Index end, Index inputs,
                     const StripLayout<T>& transposed_layout, T* transposed) {
    for (Index row = begin; row < minimum(end, inputs); row += LANES<T>) {
        const Index to_strip = row / STRIP<T>;
        transpose_rows(weights + layout.offset(strip, row), layout.width(strip), inputs - row,
                       transposed + transposed_layout.offset(to_strip, strip * STRIP<T>) + row % STRIP<T>, transposed_layout.width(to_strip));
    }
}

}  // namespace glassnet::GLASSNET_ISA
