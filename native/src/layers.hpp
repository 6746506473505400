// The layers of a run: their shapes, functions and weights, and the memory for the rows that pass through them.
#pragma once

#include "output.hpp"
#include "sparse.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
struct Layer {
    LayerSpec spec;
    ElementwiseFunctions<T> functions;
    bool keeps_slopes;                  // the forward pass stores the slopes for the backward pass
    Index flat;                         // where its parameters begin in the flat vector
    StripLayout<T> layout;              // of the weights: (I + 1, O)
    StripLayout<T> transposed_layout;   // (O, I)
    Buffer<T> weights, transposed;      // a copy of the weights for the backward pass
    Buffer<T> moments[2], gradient;

    T* moment(int number, Index offset) const { return moments[number].data() ? moments[number].data() + offset : nullptr; }
};

template <class T>
Array<Layer<T>> layers_of(const RunSpec& spec) {
    Array<Layer<T>> layers(spec.layer_count);
    Index flat = 0;
    for (Index l = 0; l < layers.size(); ++l) {
        Layer<T>& layer = layers[l];
        const auto [inputs, outputs, activation, dropout] = layer.spec = spec.layers[l];
        layer.functions = elementwise_functions<T>(activation);
        layer.keeps_slopes = layer.functions.slope_needs_z || dropout > 0;
        layer.flat = flat;
        layer.layout = {inputs + 1, round_up(outputs, LANES<T>)};
        layer.transposed_layout = {round_up(outputs, LANES<T>), round_up(inputs, LANES<T>)};
        layer.weights = Buffer<T>(layer.layout.size());
        if (spec.training) {
            if (l > 0) layer.transposed = Buffer<T>(layer.transposed_layout.size());
            for (int m = 0; m < moment_count(spec.optimizer.optimizer); ++m) layer.moments[m] = Buffer<T>(layer.layout.size());
        }
        flat += (inputs + 1) * outputs;
    }
    return layers;
}

// The numbers of some rows on their way through the layers and back.
template <class T>
struct Workspace {
    Index capacity = 0;                // rows
    bool sparse = false;               // the inputs of the first layer are sparse; then there is no inputs[0]
    Buffer<SparseRow<T>> sparse_rows;  // but these rows,
    SparseColumns<T> sparse_columns;   // and in training also their columns
    Array<Panels<T>> inputs;           // of each layer: (rows, I + 1), the last column 1
    Array<Panels<T>> deltas;           // of each layer; those of hidden layers have the shape of the next layer's inputs
    Array<Panels<T>> slopes;           // of hidden layers that keep them
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
        for (int pass = 0; pass < 2; ++pass) {  // the first pass measures the memory, the second divides it
            Index used = 0;
            const auto take = [&](Index columns) {
                Panels<T> panels{memory.data() ? memory.data() + used : nullptr, rows, round_up(columns, LANES<T>)};
                used += Panels<T>::size(rows, columns) + 64 / Index(sizeof(T));  // avoids distances that are powers of two
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

    // Makes sure that so many rows fit. Returns whether the workspace was allocated anew.
    bool reserve(const Array<Layer<T>>& layers, Index rows, bool sparse_inputs, bool training) {
        if (capacity >= rows && sparse == sparse_inputs) return false;
        *this = Workspace(layers, rows, sparse_inputs, training);
        return true;
    }
};

template <class T>
void set_ones(const Panels<T>& a, Index column, Index begin, Index end) {
    T* one = a.at(begin, column);
    const Index stride = a.width(column / PANEL<T>);
    for (Index row = begin; row < end; ++row, one += stride) *one = T(1);
}

}  // namespace glassnet::GLASSNET_ISA
