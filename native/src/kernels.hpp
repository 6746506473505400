// The innermost loops: tiles of a matrix product that stay in registers from the first term to the last.
//
// A tile has up to TILE_ROWS<V> rows of V vectors. Every element of a product is computed by a chain of fused
// multiply-adds over the terms in their order, so it does not depend on the tile that contains it: the results are the
// same to the bit however the rows are divided.
#pragma once

#include "panels.hpp"

namespace glassnet::GLASSNET_ISA {

// As many rows as leave registers for the V vectors of the right operand and one factor.
template <int V>
constexpr int TILE_ROWS = REGISTERS == 32 ? (V == 4 ? 6 : V == 3 ? 8 : 12) : (V == 2 ? 6 : 12);

// The left operand of a product: rows that lie in some panels, of which the last may be partly used.
template <class T>
struct LeftOperand {
    const T* first;      // row 0 in the first panel
    Index panel_stride;  // from panel to panel
    Index full;          // number of panels of PANEL columns
    const T* last;       // row 0 in the last panel
    Index last_stride;   // from row to row there
    Index last_terms;    // columns there; 0: there is no such panel
};

// Prefetches memory that will be written after the current product, in portions. Memory that another core has read
// since it was last written takes long to get, because the other copies must be discarded first.
class WritePrefetch {
  public:
    WritePrefetch() = default;
    WritePrefetch(const void* start, Index bytes)
        : at_(static_cast<const char*>(start)), end_(at_ + bytes), portion_(round_up((bytes + PORTIONS - 1) / PORTIONS, CACHE_LINE)) {}

    GLASSNET_INLINE void portion() {
        const char* const stop = at_ + minimum<Index>(portion_, end_ - at_);
        for (; at_ < stop; at_ += CACHE_LINE) prefetch_to_write(at_);
    }

  private:
    static constexpr Index PORTIONS = 8;
    const char *at_ = nullptr, *end_ = nullptr;
    Index portion_ = 0;
};

// Something for each operand of a product.
template <class P>
struct Operands {
    P left, right;
};

template <class T, int R, int V>
struct Tile {
    Vec<T> sum[R][V];

    GLASSNET_INLINE void begin(const T* c, Index stride, bool add) {
        GLASSNET_UNROLL
        for (int r = 0; r < R; ++r) {
            GLASSNET_UNROLL
            for (int v = 0; v < V; ++v) sum[r][v] = add ? load(c + r * stride + v * LANES<T>) : zero<T>();
        }
    }

    GLASSNET_INLINE void end(T* c, Index stride) const {
        GLASSNET_UNROLL
        for (int r = 0; r < R; ++r) {
            GLASSNET_UNROLL
            for (int v = 0; v < V; ++v) store(c + r * stride + v * LANES<T>, sum[r][v]);
        }
    }

    // sum[r][v] += a[r * a_stride] * b[v]
    GLASSNET_INLINE void add(const T* a, Index a_stride, const T* b) {
        Vec<T> right[V];
        GLASSNET_UNROLL
        for (int v = 0; v < V; ++v) right[v] = load(b + v * LANES<T>);
        GLASSNET_UNROLL
        for (int r = 0; r < R; ++r) {
            const Vec<T> factor = broadcast<T>(a[r * a_stride]);
            GLASSNET_UNROLL
            for (int v = 0; v < V; ++v) sum[r][v] = factor * right[v] + sum[r][v];
        }
    }
};

// Both kernels below prefetch the memory at `ahead` with every term, and then advance `ahead` by `pace` bytes.

// c = a b, or c += a b: R rows of activations, from `row` on, times a strip of weights.
template <class T, int R, int V>
void rows_times_weights(const LeftOperand<T>& a, Index row, const T* b, T* c, Index c_stride, bool add, const char* ahead, Index pace) {
    constexpr Index B = V * LANES<T>;
    Tile<T, R, V> tile;
    tile.begin(c, c_stride, add);
    const T *panel = a.first + row * PANEL<T>, *const last = a.last + row * a.last_stride;
    for (Index p = 0; p < a.full; ++p, panel += a.panel_stride) {
        for (Index k = 0; k < PANEL<T>; ++k, b += B, ahead += pace) {
            prefetch(ahead);
            tile.add(panel + k, PANEL<T>, b);
        }
    }
    for (Index k = 0; k < a.last_terms; ++k, b += B, ahead += pace) {
        prefetch(ahead);
        tile.add(last + k, a.last_stride, b);
    }
    tile.end(c, c_stride);
}

// c = aᵀ b, or c += aᵀ b, summed over `terms` rows: R columns of activations times V vectors of deltas.
template <class T, int R, int V>
void columns_times_deltas(const T* a, Index a_stride, const T* b, Index b_stride, Index terms, T* c, bool add,
                          Operands<const char*> ahead, Index pace) {
    Tile<T, R, V> tile;
    tile.begin(c, V * LANES<T>, add);
    for (Index n = 0; n < terms; ++n, a += a_stride, b += b_stride, ahead.left += pace, ahead.right += pace) {
        prefetch(ahead.left), prefetch(ahead.right);
        tile.add(a, 1, b);
    }
    tile.end(c, V * LANES<T>);
}

// The kernels for V vectors, indexed by their number of rows (from 1).
template <class T>
struct Kernels {
    static constexpr int MOST = 12;
    using ForRows = void (*)(const LeftOperand<T>&, Index, const T*, T*, Index, bool, const char*, Index);
    using ForColumns = void (*)(const T*, Index, const T*, Index, Index, T*, bool, Operands<const char*>, Index);
    int tile_rows;
    ForRows rows[MOST + 1];
    ForColumns columns[MOST + 1];
};

template <class T, int V, std::size_t... R>
constexpr Kernels<T> kernels_of(std::index_sequence<R...>) {
    return {TILE_ROWS<V>,
            {nullptr, rows_times_weights<T, int(R) + 1, V>...},
            {nullptr, columns_times_deltas<T, int(R) + 1, V>...}};
}

template <class T, int V>
constexpr Kernels<T> KERNELS = kernels_of<T, V>(std::make_index_sequence<TILE_ROWS<V>>{});

// For strips of `vectors` vectors.
template <class T>
const Kernels<T>& kernels(Index vectors) {
    return with_vectors(vectors, [](auto v) -> const Kernels<T>& { return KERNELS<T, decltype(v)::value>; });
}

}  // namespace glassnet::GLASSNET_ISA
