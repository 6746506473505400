// The forward pass, the backward pass, and the gradient of the weights, for some rows of a workspace.
#pragma once

#include "dropout.hpp"
#include "kernels.hpp"
#include "layers.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr Index DEPTH = 2;         // panels of terms that a product takes at a time: their weights stay in L1
constexpr Index BLOCK_ROWS = 256;  // rows that pass through the layers together: their activations stay in L2
constexpr Index TERM_ROWS = 64;    // rows that a weight gradient sums at a time: their panels stay in L1

inline Index blocks_of(Index rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

// c = a b for rows [begin, end), where b has `terms` rows. Calls finish(panel) as soon as a panel of c is complete.
// While it works on one strip of b it prefetches the next; during the last strip, the memory at `after`.
template <class T, class F>
void multiply_rows(const Panels<T>& a, Index terms, const StripLayout<T>& layout, const T* b, const Panels<T>& c, Index begin,
                   Index end, const T* after, Interruption& interruption, const F& finish) {
    const Index panels = (terms + PANEL<T> - 1) / PANEL<T>, depths = (panels + DEPTH - 1) / DEPTH, rows = end - begin;
    for (Index depth = 0; depth < depths; ++depth) {
        const Index p0 = begin_of(depth, depths, panels), p1 = begin_of(depth + 1, depths, panels);
        const bool partial = p1 * PANEL<T> > terms;
        const LeftOperand<T> left{a.row(p0, begin), a.capacity * PANEL<T>, p1 - p0 - partial,
                                  a.row(p1 - 1, begin), a.width(p1 - 1), partial ? terms - (p1 - 1) * PANEL<T> : 0};
        for (Index strip = 0; strip < layout.count(); ++strip) {
            if (interruption.requested()) return;
            const Kernels<T>& kernel = kernels<T>(layout.width(strip) / LANES<T>);
            const T* const weights = b + layout.offset(strip, p0 * PANEL<T>);
            const Index panel = strip * STRIP<T> / PANEL<T>, stride = c.width(panel);
            T* const to = c.at(begin, strip * STRIP<T>);
            const Index terms_now = minimum(terms, p1 * PANEL<T>) - p0 * PANEL<T>;
            const T* const next = strip + 1 < layout.count() ? b + layout.offset(strip + 1, p0 * PANEL<T>)
                                  : depth + 1 < depths       ? b + layout.offset(0, p1 * PANEL<T>)
                                                             : after;
            const char* ahead = reinterpret_cast<const char*>(next ? next : weights);
            const Index pace = next ? layout.width(strip) * Index(sizeof(T)) / (rows / kernel.tile_rows + 1) : 0;
            for (Index row = 0; row < rows; row += kernel.tile_rows, ahead += pace * terms_now) {
                kernel.rows[minimum<Index>(kernel.tile_rows, rows - row)](left, row, weights, to + row * stride, stride, depth > 0, ahead, pace);
            }
            const bool complete = strip + 1 == layout.count() || (strip + 1) * STRIP<T> % PANEL<T> == 0;
            if (complete && depth + 1 == depths) finish(panel);
        }
    }
}

// Dropout for some rows of a batch.
struct Dropout {
    bool active;
    std::uint64_t seed;
    Index step, first_row;  // the number in the batch of row 0 of the workspace
};

// Multiplies the activations and slopes of a layer by its dropout mask.
template <class T>
void drop(const Layer<T>& layer, Index number, const Panels<T>& a, const Panels<T>& slopes, Index begin, Index end,
          const Dropout& dropout) {
    constexpr Index MOST = 1024;  // neurons at a time, whole panels
    alignas(64) T factors[MOST];
    const Index width = layer.spec.outputs;
    for (Index row = begin; row < end; ++row) {
        for (Index first = 0; first < width; first += MOST) {
            const Index last = minimum(first + MOST, width);
            dropout_row<T>(factors, first, last - first, layer.spec.dropout, dropout.seed, dropout.step, number, dropout.first_row + row);
            for (Index column = first; column < last; column += PANEL<T>) {
                const Index panel = column / PANEL<T>;
                const Extent extent = a.extent(panel, 1, layer.layout.columns);
                multiply_elementwise(a.row(panel, row), factors + (column - first), extent);
                multiply_elementwise(slopes.row(panel, row), factors + (column - first), extent);
            }
        }
    }
}

// The pre-activations of layer l; `finish` and `after` as in multiply_rows.
template <class T, class F>
void pre_activate(const Layer<T>& layer, Index l, const Workspace<T>& space, const Panels<T>& z, Index begin, Index end, const T* after,
                  Interruption& interruption, const F& finish) {
    if (l == 0 && space.sparse) {
        multiply_sparse_rows(space.sparse_rows.data(), layer.layout, layer.weights.data(), z, begin, end, interruption, finish);
    } else {
        multiply_rows(space.inputs[l], layer.spec.inputs + 1, layer.layout, layer.weights.data(), z, begin, end, after, interruption, finish);
    }
}

// From the inputs of the first layer to the pre-activations of the last.
template <class T>
void forward(const Array<Layer<T>>& layers, const Workspace<T>& space, Index begin, Index end, const Dropout& dropout, bool keep_slopes,
             Interruption& interruption) {
    const Index last = layers.size() - 1;
    for (Index l = 0; l < last; ++l) {
        const Layer<T>& layer = layers[l];
        const Panels<T>&z = space.inputs[l + 1], &slopes = space.slopes[l];
        const bool keep = keep_slopes && layer.keeps_slopes;
        pre_activate(layer, l, space, z, begin, end, layers[l + 1].weights.data(), interruption, [&](Index panel) {
            T* const piece = z.row(panel, begin);
            const Extent extent = z.extent(panel, end - begin, layer.layout.columns);
            if (keep) layer.functions.forward_with_slopes(piece, piece, slopes.row(panel, begin), extent);
            else layer.functions.forward(piece, piece, extent);
        });
        if (dropout.active && layer.spec.dropout > 0) drop(layer, l, z, slopes, begin, end, dropout);
        set_ones(z, layer.spec.outputs, begin, end);
    }
    pre_activate(layers[last], last, space, space.output.z, begin, end, layers[last].transposed.data(), interruption, [](Index) {});
}

// From the delta of the last layer to the deltas of all others.
template <class T>
void backward(const Array<Layer<T>>& layers, const Workspace<T>& space, Index begin, Index end, Interruption& interruption) {
    for (Index l = layers.size() - 1; l > 0; --l) {
        const Layer<T>&layer = layers[l], &before = layers[l - 1];
        const Panels<T>&deltas = space.deltas[l - 1], &slopes = space.slopes[l - 1];
        multiply_rows(space.deltas[l], layer.spec.outputs, layer.transposed_layout, layer.transposed.data(), deltas, begin, end,
                      before.transposed.data(), interruption, [&](Index panel) {
                          T* const piece = deltas.row(panel, begin);
                          const T* const a = space.inputs[l].row(panel, begin);
                          const Extent extent = deltas.extent(panel, end - begin, before.layout.columns);
                          if (before.keeps_slopes) multiply_elementwise(piece, slopes.row(panel, begin), extent);
                          else before.functions.backward(piece, a, a, extent);
                      });
    }
}

// Some rows of a workspace.
struct RowRange {
    Index begin, end;
};

// The gradient of rows [begin, end) of a strip of a layer's weights, all in one panel of its inputs, summed over some
// rows of the workspace; added to the numbers at `gradient` if `add`. While it sums some rows it prefetches the next;
// during the last, the memory at `after`. Calls between() before every tile.
template <class T, class F>
void weight_gradient(const Layer<T>& layer, const Panels<T>& a, const Panels<T>& deltas, Index strip, Index begin, Index end,
                     const RowRange& rows, T* gradient, bool add, Operands<const T*> after, const F& between) {
    const Index panel = begin / PANEL<T>, width = layer.layout.width(strip), column = strip * STRIP<T>;
    const Kernels<T>& kernel = kernels<T>(width / LANES<T>);
    const Index a_stride = a.width(panel), delta_stride = deltas.width(column / PANEL<T>);
    const Index tiles = (end - begin + kernel.tile_rows - 1) / kernel.tile_rows, pace = PANEL<T> * Index(sizeof(T)) / tiles;
    for (Index first = rows.begin; first == rows.begin || first < rows.end; first += TERM_ROWS) {
        const Index terms = minimum(TERM_ROWS, rows.end - first);
        const T *const factors = a.row(panel, first), *const right = deltas.at(first, column);
        const Index next = first + terms;
        Operands<const char*> ahead{reinterpret_cast<const char*>(next < rows.end ? a.row(panel, next) : after.left),
                                    reinterpret_cast<const char*>(next < rows.end ? deltas.at(next, column) : after.right)};
        for (Index row = begin; row < end; row += kernel.tile_rows, ahead.left += pace * terms, ahead.right += pace * terms) {
            between();
            kernel.columns[minimum<Index>(kernel.tile_rows, end - row)](
                factors + (row - panel * PANEL<T>), a_stride, right, delta_stride, terms, gradient + (row - begin) * width,
                add || first > rows.begin, ahead, pace);
        }
    }
}

}  // namespace glassnet::GLASSNET_ISA
