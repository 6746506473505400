// The layers of a run: their weights in packed form, and the three products that training is made of.
#pragma once

#include "fused.hpp"
#include "output.hpp"
#include "philox.hpp"
#include "sparse.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index DEPTH = 2;         // panels of terms that a product takes at a time: their weights stay in L1
constexpr Index BLOCK_ROWS = 256;  // rows that go through the layers together: their activations stay in L2
constexpr Index TERM_ROWS = 128;   // rows that a weight gradient sums at a time: their deltas stay in L1
constexpr Index GROUP = 8;         // panels of inputs whose gradient is taken for all strips in turn: they stay in L2

inline Index blocks_of(Index rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

template <class T>
struct Layer {
    LayerSpec spec;
    Elementwise<T> functions;
    Fused<T> fused;  // where the layer is narrow
    bool keeps_slopes;
    Index flat;             // where its parameters begin in the flat vector
    Packed<T> form;         // (I + 1, O)
    Packed<T> turned_form;  // (O, I)
    Buffer<T> weights, turned, moments[2], gradient;

    T* moment(int number, Index offset) const { return moments[number].data() ? moments[number].data() + offset : nullptr; }
};

template <class T>
Array<Layer<T>> layers_of(const RunSpec& spec) {
    Array<Layer<T>> layers(spec.layer_count);
    Index flat = 0;
    for (Index l = 0; l < layers.size(); ++l) {
        Layer<T>& layer = layers[l];
        const auto [inputs, outputs, activation, dropout] = layer.spec = spec.layers[l];
        layer.functions = elementwise<T>(activation);
        layer.keeps_slopes = layer.functions.slope_needs_z || dropout > 0;
        layer.flat = flat;
        layer.form = {inputs + 1, round_up(outputs, LANES<T>)};
        layer.turned_form = {round_up(outputs, LANES<T>), round_up(inputs, LANES<T>)};
        const bool last = l + 1 == layers.size();
        layer.fused = fused<T>(layer.form.columns / LANES<T>, last ? Activation::identity : activation, spec.optimizer.rule);
        layer.weights = Buffer<T>(layer.form.size());
        if (spec.training) {
            if (l > 0) layer.turned = Buffer<T>(layer.turned_form.size());
            for (int m = 0; m < moment_count(spec.optimizer.rule); ++m) layer.moments[m] = Buffer<T>(layer.form.size());
        }
        flat += (inputs + 1) * outputs;
    }
    return layers;
}

// Everything that some rows need on their way through the layers and back.
template <class T>
struct Workspace {
    Index capacity = 0;
    bool sparse = false;               // whether the first layer's inputs are sparse
    Buffer<SparseRow<T>> sparse_rows;  // then these are they, and in training also those,
    SparseColumns<T> sparse_columns;   // and there is no inputs[0]
    Array<Panels<T>> inputs;           // of each layer: (rows, I + 1), the last column 1
    Array<Panels<T>> deltas;  // of each layer; of hidden ones with the form of the next layer's inputs
    Array<Panels<T>> slopes;  // of hidden layers that keep them
    OutputRows<T> output;
    Buffer<T> shares, memory;
    Buffer<double> weights, losses;

    Workspace() = default;

    Workspace(const Array<Layer<T>>& layers, Index rows, bool sparse_, bool training)
        : capacity(rows), sparse(sparse_), inputs(layers.size()), deltas(layers.size()), slopes(layers.size()) {
        const Index last = layers.size() - 1, width = layers[last].spec.outputs;
        shares = Buffer<T>(round_up(rows, LANES<T>));
        if (sparse) sparse_rows = Buffer<SparseRow<T>>(rows);
        weights = Buffer<double>(rows), losses = Buffer<double>(rows);
        for (int pass = 0; pass < 2; ++pass) {  // measure, then hand out
            Index used = 0;
            const auto take = [&](Index columns) {
                Panels<T> panels{memory.data() ? memory.data() + used : nullptr, rows, round_up(columns, LANES<T>)};
                used += Panels<T>::size(rows, columns) + 64 / Index(sizeof(T));  // off the next power of two
                return panels;
            };
            for (Index l = 0; l <= last; ++l) {
                if (l > 0 || !sparse) inputs[l] = take(layers[l].spec.inputs + 1);
                if (l < last && training) {
                    deltas[l] = take(layers[l].spec.outputs + 1);
                    if (layers[l].keeps_slopes) slopes[l] = take(layers[l].spec.outputs + 1);
                }
            }
            output.z = take(width), output.a = take(width), output.targets = take(width), output.deltas = take(width);
            deltas[last] = output.deltas;
            if (pass == 0) memory = Buffer<T>(used);
        }
        output.shares = shares.data(), output.losses = losses.data();
    }

    // Makes room for so many rows of such inputs; whether there was none.
    bool reserve(const Array<Layer<T>>& layers, Index rows, bool sparse_inputs, bool training) {
        if (capacity >= rows && sparse == sparse_inputs) return false;
        *this = Workspace(layers, rows, sparse_inputs, training);
        return true;
    }
};

// c = a b for rows [begin, end), where b has `terms` rows; finish(panel) is called for each panel of c
// as soon as it is complete. While one strip of b is worked on, the next comes; after the last, what is at `after`.
template <class T, class F>
void multiply_rows(const Panels<T>& a, Index terms, const Packed<T>& form, const T* b, const Panels<T>& c, Index begin,
                   Index end, const T* after, const F& finish) {
    const Index panels = (terms + PANEL<T> - 1) / PANEL<T>, depths = (panels + DEPTH - 1) / DEPTH, rows = end - begin;
    for (Index depth = 0; depth < depths; ++depth) {
        const Index p0 = begin_of(depth, depths, panels), p1 = begin_of(depth + 1, depths, panels);
        const bool ragged = p1 * PANEL<T> > terms;
        const Left<T> left{a.row(p0, begin), a.capacity * PANEL<T>, p1 - p0 - ragged,
                           a.row(p1 - 1, begin), a.width(p1 - 1), ragged ? terms - (p1 - 1) * PANEL<T> : 0};
        for (Index strip = 0; strip < form.count(); ++strip) {
            const Kernels<T>& kernel = kernels<T>(form.width(strip) / LANES<T>);
            const T* const weights = b + form.offset(strip, p0 * PANEL<T>);
            const Index panel = strip * NARROW<T> / PANEL<T>, width = c.width(panel);
            T* const to = c.at(begin, strip * NARROW<T>);
            const Index terms_now = least(terms, p1 * PANEL<T>) - p0 * PANEL<T>;
            const T* const next = strip + 1 < form.count() ? b + form.offset(strip + 1, p0 * PANEL<T>)
                                  : depth + 1 < depths     ? b + form.offset(0, p1 * PANEL<T>)
                                                           : after;
            const char* ahead = reinterpret_cast<const char*>(next ? next : weights);
            const Index pace = next ? form.width(strip) * Index(sizeof(T)) / (rows / kernel.tile_rows + 1) : 0;
            for (Index row = 0; row < rows; row += kernel.tile_rows, ahead += pace * terms_now) {
                kernel.rows[least<Index>(kernel.tile_rows, rows - row)](left, row, weights, to + row * width, width, depth > 0, ahead, pace);
            }
            const bool complete = strip + 1 == form.count() || (strip + 1) * NARROW<T> % PANEL<T> == 0;
            if (complete && depth + 1 == depths) finish(panel);
        }
    }
}

// How dropout is to act on some rows of a batch.
struct Dropping {
    bool active;
    std::uint64_t seed;
    Index step, first_row;  // the number that row 0 of the workspace has in its batch
};

template <class T>
void drop(const Layer<T>& layer, Index number, const Panels<T>& a, const Panels<T>& slopes, Index begin, Index end,
          const Dropping& dropping) {
    constexpr Index MOST = 1024;  // neurons at a time, whole panels
    alignas(64) T factors[MOST];
    const Index width = layer.spec.outputs;
    for (Index row = begin; row < end; ++row) {
        for (Index first = 0; first < width; first += MOST) {
            const Index last = least(first + MOST, width);
            dropout_row<T>(factors, first, last - first, layer.spec.dropout, dropping.seed, dropping.step, number, dropping.first_row + row);
            for (Index column = first; column < last; column += PANEL<T>) {
                const Index panel = column / PANEL<T>, count = least<Index>(a.width(panel), round_up(width - column, LANES<T>));
                multiply(a.row(panel, row), factors + (column - first), count);
                multiply(slopes.row(panel, row), factors + (column - first), count);
            }
        }
    }
}

template <class T>
void set_ones(const Panels<T>& a, Index column, Index begin, Index end) {
    T* one = a.at(begin, column);
    const Index width = a.width(column / PANEL<T>);
    for (Index row = begin; row < end; ++row, one += width) *one = T(1);
}

// From row `begin` on, in the only panel there is.
template <class T>
Block<T> block(const Panels<T>& panels, Index begin) {
    return {panels.row(0, begin), panels.width(0)};
}

// The pre-activations of layer l; finish and after as in multiply_rows.
template <class T, class F>
void pre_activate(const Layer<T>& layer, Index l, const Workspace<T>& space, const Panels<T>& z, Index begin, Index end, const T* after,
                  const F& finish) {
    if (l == 0 && space.sparse) {
        multiply_sparse_rows(space.sparse_rows.data(), layer.form, layer.weights.data(), z, begin, end, finish);
    } else {
        multiply_rows(space.inputs[l], layer.spec.inputs + 1, layer.form, layer.weights.data(), z, begin, end, after, finish);
    }
}

// From the inputs of the first layer to the pre-activations of the last.
template <class T>
void forward(const Array<Layer<T>>& layers, const Workspace<T>& space, Index begin, Index end, const Dropping& dropping,
             bool keep_slopes) {
    const Index last = layers.size() - 1;
    for (Index l = 0; l < last; ++l) {
        const Layer<T>& layer = layers[l];
        const Panels<T>&z = space.inputs[l + 1], &slopes = space.slopes[l];
        const bool keep = keep_slopes && layer.keeps_slopes;
        if (layer.fused.forward && space.inputs[l].count() == 1) {
            layer.fused.forward(block(space.inputs[l], begin), layer.spec.inputs + 1, layer.weights.data(), block(z, begin),
                                keep ? slopes.row(0, begin) : nullptr, layer.spec.outputs, end - begin);
            if (!dropping.active || layer.spec.dropout == 0) continue;
        } else {
            pre_activate(layer, l, space, z, begin, end, layers[l + 1].weights.data(), [&](Index panel) {
                T* const piece = z.row(panel, begin);
                const Index count = (end - begin) * z.width(panel);
                if (keep) layer.functions.forward_keeping(piece, slopes.row(panel, begin), count);
                else layer.functions.forward(piece, count);
            });
        }
        if (dropping.active && layer.spec.dropout > 0) drop(layer, l, z, slopes, begin, end, dropping);
        set_ones(z, layer.spec.outputs, begin, end);
    }
    const Layer<T>& layer = layers[last];
    if (layer.fused.forward && space.inputs[last].count() == 1) {
        return layer.fused.forward(block(space.inputs[last], begin), layer.spec.inputs + 1, layer.weights.data(),
                                   block(space.output.z, begin), nullptr, NOWHERE, end - begin);
    }
    pre_activate(layer, last, space, space.output.z, begin, end, layer.turned.data(), [](Index) {});
}

// From the delta of the last layer to those of all others.
template <class T>
void backward(const Array<Layer<T>>& layers, const Workspace<T>& space, Index begin, Index end) {
    for (Index l = layers.size() - 1; l > 0; --l) {
        const Layer<T>&layer = layers[l], &before = layers[l - 1];
        const Panels<T>&deltas = space.deltas[l - 1], &slopes = space.slopes[l - 1];
        if (before.fused.backward && space.deltas[l].count() == 1) {
            before.fused.backward(block(space.deltas[l], begin), layer.spec.outputs, layer.turned.data(), block(deltas, begin),
                                  space.inputs[l].row(0, begin), before.keeps_slopes ? slopes.row(0, begin) : nullptr, end - begin);
            continue;
        }
        multiply_rows(space.deltas[l], layer.spec.outputs, layer.turned_form, layer.turned.data(), deltas, begin, end,
                      before.turned.data(), [&](Index panel) {
                          T* const piece = deltas.row(panel, begin);
                          const Index count = (end - begin) * deltas.width(panel);
                          if (before.keeps_slopes) multiply(piece, slopes.row(panel, begin), count);
                          else before.functions.backward(piece, space.inputs[l].row(panel, begin), count);
                      });
    }
}

// Some rows of a workspace.
struct Rows {
    Index begin, end;
};

// The gradient of rows [begin, end) of a strip of a layer's weights, all in one panel of its inputs, from
// some rows of the workspace; added to what `gradient` holds if `go_on`. While some rows are
// summed, the next come; after the last, what is at `after`. `between` is called between tiles.
template <class T, class F>
void weight_gradient(const Layer<T>& layer, const Panels<T>& a, const Panels<T>& deltas, Index strip, Index begin, Index end,
                     const Rows& rows, T* gradient, bool go_on, Pair<const T*> after, const F& between) {
    const Index panel = begin / PANEL<T>, width = layer.form.width(strip), column = strip * NARROW<T>;
    const Kernels<T>& kernel = kernels<T>(width / LANES<T>);
    const Index a_width = a.width(panel), delta_width = deltas.width(column / PANEL<T>);
    const Index tiles = (end - begin + kernel.tile_rows - 1) / kernel.tile_rows, pace = PANEL<T> * Index(sizeof(T)) / tiles;
    for (Index first = rows.begin; first == rows.begin || first < rows.end; first += TERM_ROWS) {
        const Index terms = least(TERM_ROWS, rows.end - first);
        const T *const factors = a.row(panel, first), *const right = deltas.at(first, column);
        const Index next = first + terms;
        Pair<const char*> ahead{reinterpret_cast<const char*>(next < rows.end ? a.row(panel, next) : after.left),
                                reinterpret_cast<const char*>(next < rows.end ? deltas.at(next, column) : after.right)};
        for (Index row = begin; row < end; row += kernel.tile_rows, ahead.left += pace * terms, ahead.right += pace * terms) {
            between();
            kernel.columns[least<Index>(kernel.tile_rows, end - row)](
                factors + (row - panel * PANEL<T>), a_width, right, delta_width, terms, gradient + (row - begin) * width,
                go_on || first > rows.begin, ahead, pace);
        }
    }
}

}  // namespace glassnet::GLASSNET_TARGET
