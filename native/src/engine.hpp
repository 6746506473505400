// A run of the engine: whole epochs of training, predictions, losses and gradients, on as many threads as save time.
#pragma once

#include "evaluation.hpp"
#include "training.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
class Engine final : public Run<T> {
  public:
    explicit Engine(const RunSpec& spec) : network_(spec) {}

    Engine(const Engine&) = delete;
    ~Engine() override { delete training_memory_, delete evaluation_memory_; }

    EpochsResult epochs(const RowsView<T>& rows, const EpochsRequest& request, Interruption& interruption) override {
        if (request.epochs == 0 || interruption.requested()) return {0, 0};
        if (request.steps == 0) {
            for (Index epoch = 0; epoch < request.epochs; ++epoch) request.losses[epoch] = request.penalties[epoch] = 0;
            return {request.epochs, 0};
        }
        Training<T> training(network_, *training_memory_, rows, request, Training<T>::Aim::steps, step_, interruption);
        const EpochsResult result = training.run();
        step_ = training.step();
        return result;
    }

    void predict(const RowsView<T>& rows, T* outputs, Interruption& interruption) override {
        Evaluation<T>(network_, *evaluation_memory_, rows, outputs, interruption).run();
    }

    double evaluate(const RowsView<T>& rows, T* outputs, double* losses, Interruption& interruption) override {
        Evaluation<T> evaluation(network_, *evaluation_memory_, rows, outputs, interruption);
        evaluation.measure(losses);
        const double total = evaluation.run();
        double weight = 0;
        if (!rows.weights) weight = double(rows.count);
        else for (Index i = 0; i < rows.count; ++i) weight += double(rows.weights[i]);
        return total / (weight != 0 ? weight : 1.0);
    }

    double gradients(const RowsView<T>& rows, T* gradient, Interruption& interruption) override {
        const EpochsRequest request{rows.count, 1, 1, nullptr, nullptr, nullptr, nullptr};
        Training<T> training(network_, *training_memory_, rows, request, Training<T>::Aim::gradient, 0, interruption);
        training.run();
        for (const Layer<T>& layer : network_.layers) {
            unpack(layer.layout, layer.spec.outputs, layer.gradient.data(), gradient + layer.flat);
        }
        return training.objective();
    }

    Index read(T* parameters, T* moments) const override {
        for (const Layer<T>& layer : network_.layers) {
            unpack(layer.layout, layer.spec.outputs, layer.weights.data(), parameters + layer.flat);
            for (int m = 0; moments && m < moment_count(network_.optimizer.optimizer); ++m) {
                unpack(layer.layout, layer.spec.outputs, layer.moments[m].data(), moments + m * network_.parameter_count + layer.flat);
            }
        }
        return step_;
    }

    void write(const T* parameters, const T* moments, Index step) override {
        for (Layer<T>& layer : network_.layers) {
            pack(layer.layout, layer.spec.outputs, parameters + layer.flat, layer.weights.data());
            if (!network_.training) continue;
            for (int m = 0; m < moment_count(network_.optimizer.optimizer); ++m) {
                pack(layer.layout, layer.spec.outputs, moments + m * network_.parameter_count + layer.flat, layer.moments[m].data());
            }
        }
        if (network_.training) network_.weight_update.refresh();
        step_ = step;
    }

    void renew() override {
        training_memory_ = new RowMemory<T>, evaluation_memory_ = new RowMemory<T>;
        for (Layer<T>& layer : network_.layers) layer.gradient.abandon();
    }

  private:
    Network<T> network_;
    Index step_ = 0;
    RowMemory<T>*training_memory_ = new RowMemory<T>, *evaluation_memory_ = new RowMemory<T>;
};

}  // namespace glassnet::GLASSNET_ISA
