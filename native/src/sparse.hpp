// Inputs of which only the numbers that are not 0 are given: what the first layer makes of them.
//
// The sums run over the given numbers alone, in the order in which the dense kernels take them.
#pragma once

#include "panels.hpp"

namespace glassnet::GLASSNET_TARGET {

// The entries of some rows by columns: those of column c are [starts[c], starts[c + 1]), in the order of the rows.
template <class T>
struct SparseColumns {
    Buffer<Index> starts;
    Buffer<T> values;
    Buffer<std::int32_t> rows;

    // Makes room for so many entries: where rows are gathered, on any thread, it is too late to lack memory.
    void reserve(Index entries, Index columns) {
        if (values.size() < entries) values = Buffer<T>(entries);
        if (rows.size() < entries) rows = Buffer<std::int32_t>(entries);
        if (starts.size() < columns + 2) starts = Buffer<Index>(columns + 2);
    }

    void gather(const SparseRow<T>* from, Index count, Index columns) {
        for (Index& start : starts) start = 0;
        for (Index r = 0; r < count; ++r) {
            for (Index e = 0; e < from[r].count; ++e) ++starts[from[r].columns[e] + 2];
        }
        for (Index c = 0; c <= columns; ++c) starts[c + 1] += starts[c];
        for (Index r = 0; r < count; ++r) {  // starts[c + 1] goes from where column c begins to where it ends
            for (Index e = 0; e < from[r].count; ++e) {
                const Index at = starts[from[r].columns[e] + 1]++;
                values[at] = from[r].values[e];
                rows[at] = std::int32_t(r);
            }
        }
    }
};

// V vectors of sums: + factor times what lies at `numbers`.
template <class T, int V>
GLASSNET_INLINE void add_scaled(Vec<T> (&sums)[V], T factor, const T* numbers) {
    for (int v = 0; v < V; ++v) sums[v] += broadcast<T>(factor) * load(numbers + v * LANES<T>);
}

// c = x b + the last row of b, for the rows [begin, end) of x; finish(panel) as in multiply_rows.
template <class T, class F>
void multiply_sparse_rows(const SparseRow<T>* x, const Packed<T>& form, const T* b, const Panels<T>& c, Index begin, Index end,
                          const F& finish) {
    for (Index strip = 0; strip < form.count(); ++strip) {
        const Index panel = strip * NARROW<T> / PANEL<T>, c_width = c.width(panel), width = form.width(strip);
        const T *const weights = b + form.offset(strip, 0), *const biases = weights + (form.rows - 1) * width;
        T* const to = c.at(begin, strip * NARROW<T>);
        with_vectors(width / LANES<T>, [&](auto vectors) {
            constexpr int V = decltype(vectors)::value;
            for (Index r = begin; r < end; ++r) {
                Vec<T> sums[V] = {};
                for (Index e = 0; e < x[r].count; ++e) add_scaled<T, V>(sums, x[r].values[e], weights + x[r].columns[e] * width);
                add_scaled<T, V>(sums, T(1), biases);
                for (int v = 0; v < V; ++v) store(to + (r - begin) * c_width + v * LANES<T>, sums[v]);
            }
        });
        if (strip + 1 == form.count() || (strip + 1) * NARROW<T> % PANEL<T> == 0) finish(panel);
    }
}

// The gradient of rows [begin, end) of a strip of weights, from `x` and the deltas of as many rows as it was gathered
// from; added to what `gradient` holds if `go_on`.
template <class T>
void sparse_weight_gradient(const SparseColumns<T>& x, const Panels<T>& deltas, const Packed<T>& form, Index strip, Index begin,
                            Index end, Index rows, T* gradient, bool go_on) {
    const Index column = strip * NARROW<T>, delta_width = deltas.width(column / PANEL<T>), width = form.width(strip);
    const T* const right = deltas.at(0, column);
    with_vectors(width / LANES<T>, [&](auto vectors) {
        constexpr int V = decltype(vectors)::value;
        for (Index input = begin; input < end; ++input) {
            T* const to = gradient + (input - begin) * width;
            Vec<T> sums[V] = {};
            if (go_on) add_scaled<T, V>(sums, T(1), to);
            if (input + 1 == form.rows) {
                for (Index r = 0; r < rows; ++r) add_scaled<T, V>(sums, T(1), right + r * delta_width);
            } else {
                for (Index e = x.starts[input]; e < x.starts[input + 1]; ++e) {
                    add_scaled<T, V>(sums, x.values[e], right + x.rows[e] * delta_width);
                }
            }
            for (int v = 0; v < V; ++v) store(to + v * LANES<T>, sums[v]);
        }
    });
}

}  // namespace glassnet::GLASSNET_TARGET
