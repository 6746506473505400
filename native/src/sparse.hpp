// Sparse inputs: the products of the first layer, computed from the stored entries alone.
//
// The sums take the entries in the order in which the dense kernels take the numbers.
#pragma once

#include "panels.hpp"

namespace glassnet::GLASSNET_ISA {

// The entries of some rows by columns: column c has the entries [starts[c], starts[c + 1]), in the order of the rows.
template <class T>
struct SparseColumns {
    Buffer<Index> starts;
    Buffer<T> values;
    Buffer<std::int32_t> rows;

    // Allocates memory for so many entries. `gather` runs where running out of memory could not be reported.
    void reserve(Index entries, Index columns) {
        if (values.size() < entries) values = Buffer<T>(entries);
        if (rows.size() < entries) rows = Buffer<std::int32_t>(entries);
        if (starts.size() < columns + 2) starts = Buffer<Index>(columns + 2);
    }

    void gather(const SparseRow<T>* from, Index count, Index columns, Interruption& interruption) {
        for (Index& start : starts) start = 0;
        for (Index r = 0; r < count; ++r) {
            if (interruption.requested()) return;
            for (Index e = 0; e < from[r].count; ++e) ++starts[from[r].columns[e] + 2];
        }
        for (Index c = 0; c <= columns; ++c) starts[c + 1] += starts[c];
        for (Index r = 0; r < count; ++r) {  // starts[c + 1] moves from the begin of column c to its end
            if (interruption.requested()) return;
            for (Index e = 0; e < from[r].count; ++e) {
                const Index at = starts[from[r].columns[e] + 1]++;
                values[at] = from[r].values[e];
                rows[at] = std::int32_t(r);
            }
        }
    }
};

// Adds `factor` times the V vectors at `numbers` to the V sums.
template <class T, int V>
GLASSNET_INLINE void add_scaled(Vec<T> (&sums)[V], T factor, const T* numbers) {
    for (int v = 0; v < V; ++v) sums[v] += broadcast<T>(factor) * load(numbers + v * LANES<T>);
}

// c = x b + the last row of b, for the rows [begin, end) of x; finish(panel) as in multiply_rows.
template <class T, class F>
void multiply_sparse_rows(const SparseRow<T>* x, const StripLayout<T>& layout, const T* b, const Panels<T>& c, Index begin, Index end,
                          Interruption& interruption, const F& finish) {
    for (Index strip = 0; strip < layout.count(); ++strip) {
        const Index panel = strip * STRIP<T> / PANEL<T>, c_stride = c.width(panel), width = layout.width(strip);
        const T *const weights = b + layout.offset(strip, 0), *const biases = weights + (layout.rows - 1) * width;
        T* const to = c.at(begin, strip * STRIP<T>);
        with_vectors(width / LANES<T>, [&](auto vectors) {
            constexpr int V = decltype(vectors)::value;
            for (Index r = begin; r < end; ++r) {
                if ((r % 16 == 0 || x[r].count > 1000) && interruption.requested()) return;
                Vec<T> sums[V] = {};
                for (Index e = 0; e < x[r].count; ++e) add_scaled<T, V>(sums, x[r].values[e], weights + x[r].columns[e] * width);
                add_scaled<T, V>(sums, T(1), biases);
                for (int v = 0; v < V; ++v) store(to + (r - begin) * c_stride + v * LANES<T>, sums[v]);
            }
        });
        if (strip + 1 == layout.count() || (strip + 1) * STRIP<T> % PANEL<T> == 0) finish(panel);
    }
}

// The gradient of rows [begin, end) of a strip of weights, from the `rows` rows that `x` was gathered from and their
// deltas; added to the numbers at `gradient` if `add`.
template <class T>
void sparse_weight_gradient(const SparseColumns<T>& x, const Panels<T>& deltas, const StripLayout<T>& layout, Index strip, Index begin,
                            Index end, Index rows, T* gradient, bool add) {
    const Index column = strip * STRIP<T>, delta_stride = deltas.width(column / PANEL<T>), width = layout.width(strip);
    const T* const right = deltas.at(0, column);
    with_vectors(width / LANES<T>, [&](auto vectors) {
        constexpr int V = decltype(vectors)::value;
        for (Index input = begin; input < end; ++input) {
            T* const to = gradient + (input - begin) * width;
            Vec<T> sums[V] = {};
            if (add) add_scaled<T, V>(sums, T(1), to);
            if (input + 1 == layout.rows) {
                for (Index r = 0; r < rows; ++r) add_scaled<T, V>(sums, T(1), right + r * delta_stride);
            } else {
                for (Index e = x.starts[input]; e < x.starts[input + 1]; ++e) {
                    add_scaled<T, V>(sums, x.values[e], right + x.rows[e] * delta_stride);
                }
            }
            for (int v = 0; v < V; ++v) store(to + v * LANES<T>, sums[v]);
        }
    });
}

}  // namespace glassnet::GLASSNET_ISA
