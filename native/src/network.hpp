// The network of a run: its layers, and what is done with their outputs and their weights.
#pragma once

#include "narrow.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr double THREAD_FLOPS = 2.5e6;  // work in float32 that a thread must have to be worth waking

template <class T>
struct Network {
    Array<Layer<T>> layers;
    Units<T> units;
    const ObjectiveSpec objective;
    const OptimizerSpec optimizer;
    const std::uint64_t seed;  // of dropout
    const int most_threads;
    const bool training, narrow;
    const OutputLayer<T> output;
    bool dropping = false;
    Index parameters = 0, widths = 0;  // all parameters; all columns of inputs and outputs

    explicit Network(const RunSpec& spec)
        : layers(layers_of<T>(spec)), units(layers, spec.objective, spec.optimizer), objective(spec.objective),
          optimizer(spec.optimizer), seed(spec.dropout_seed), most_threads(spec.threads), training(spec.training),
          narrow(NarrowNetwork<T>::suits(layers)), output(outputs(), layers[layers.size() - 1].spec.activation, spec.objective) {
        for (const Layer<T>& layer : layers) {
            parameters += (layer.spec.inputs + 1) * layer.spec.outputs;
            widths += layer.spec.inputs + 1 + layer.spec.outputs;
            dropping = dropping || layer.spec.dropout > 0;
        }
    }

    Index outputs() const { return layers[layers.size() - 1].spec.outputs; }

    // How many products one of the rows takes on its way forward, on average.
    double products(const RowsView<T>& rows) const {
        if (!rows.sparse() || rows.count == 0) return double(parameters);
        const double entries = double(rows.entries.starts[rows.count] - rows.entries.starts[0]) / double(rows.count);
        return double(parameters) - (double(layers[0].spec.inputs) - entries) * double(layers[0].spec.outputs);
    }

    int threads_for(double flops) const {
        const double wanted = flops * double(sizeof(T)) / (sizeof(float) * THREAD_FLOPS);
        return wanted < most_threads ? greatest(1, int(wanted)) : most_threads;
    }
};

}  // namespace glassnet::GLASSNET_TARGET
