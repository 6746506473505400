// The network of a run: its layers, its output, and the update of its weights.
#pragma once

#include "small_network.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr double THREAD_FLOPS = 2.5e6;  // operations in float32 from which on another thread saves time

template <class T>
struct Network {
    Array<Layer<T>> layers;
    WeightUpdate<T> weight_update;
    const ObjectiveSpec objective;
    const OptimizerSpec optimizer;
    const std::uint64_t dropout_seed;
    const int most_threads;
    const bool training, small;
    const OutputLayer<T> output;
    bool drops = false;                     // some layer has dropout
    Index parameter_count = 0, widths = 0;  // `widths`: all columns of inputs and outputs

    explicit Network(const RunSpec& spec)
        : layers(layers_of<T>(spec)), weight_update(layers, spec.objective, spec.optimizer), objective(spec.objective),
          optimizer(spec.optimizer), dropout_seed(spec.dropout_seed), most_threads(spec.threads), training(spec.training),
          small(SmallNetwork<T>::supports(layers)), output(outputs(), layers[layers.size() - 1].spec.activation, spec.objective) {
        for (const Layer<T>& layer : layers) {
            parameter_count += (layer.spec.inputs + 1) * layer.spec.outputs;
            widths += layer.spec.inputs + 1 + layer.spec.outputs;
            drops = drops || layer.spec.dropout > 0;
        }
    }

    Index outputs() const { return layers[layers.size() - 1].spec.outputs; }

    // Multiplications per row of the forward pass, on average over these rows.
    double products(const RowsView<T>& rows) const {
        if (!rows.sparse() || rows.count == 0) return double(parameter_count);
        const Index* const starts = rows.sparse_inputs.starts;
        const double entries = double(starts[rows.count] - starts[0]) / double(rows.count);
        return double(parameter_count) - (double(layers[0].spec.inputs) - entries) * double(layers[0].spec.outputs);
    }

    int threads_for(double flops) const {
        const double wanted = flops * double(sizeof(T)) / (sizeof(float) * THREAD_FLOPS);
        return wanted < most_threads ? maximum(1, int(wanted)) : most_threads;
    }
};

// Memory for the rows of a network, kept from call to call.
template <class T>
struct RowMemory {
    Workspace<T> space;
    SmallNetwork<T> small;  // if the network is small and the inputs are not sparse

    void reserve(Network<T>& network, Index rows, bool sparse, bool training) {
        if (!space.reserve(network.layers, rows, sparse, training) || !network.small || sparse) return;
        small = SmallNetwork<T>(network.layers, network.optimizer.optimizer, network.weight_update, space);
    }
};

}  // namespace glassnet::GLASSNET_ISA
