// A run: whole epochs of training, and what else is asked of a network, on as many threads as pay.
#pragma once

#include "measuring.hpp"
#include "training.hpp"

namespace glassnet::GLASSNET_TARGET {

template <class T>
class Engine final : public Run<T> {
  public:
    explicit Engine(const RunSpec& spec) : network_(spec) {}

    Outcome epochs(const RowsView<T>& rows, const Course& course) override {
        if (course.epochs == 0 || course.stopped()) return {0, 0};
        if (course.steps == 0) {
            for (Index epoch = 0; epoch < course.epochs; ++epoch) course.losses[epoch] = course.penalties[epoch] = 0;
            return {course.epochs, 0};
        }
        Training<T> training(network_, workbench_, rows, course, Training<T>::Aim::steps, step_);
        const Outcome outcome = training.run();
        step_ = training.step();
        return outcome;
    }

    void predict(const RowsView<T>& rows, T* outputs) override {
        Measuring<T>(network_, measure_space_, rows, outputs).run();
    }

    double evaluate(const RowsView<T>& rows) override {
        const double total = Measuring<T>(network_, measure_space_, rows, nullptr).run();
        double share = 0;
        if (!rows.weights) share = double(rows.count);
        else for (Index i = 0; i < rows.count; ++i) share += double(rows.weights[i]);
        return total / (share != 0 ? share : 1.0);
    }

    double gradients(const RowsView<T>& rows, T* gradient) override {
        const Course course{rows.count, 1, 1, nullptr, nullptr, nullptr, nullptr, nullptr};
        Training<T> training(network_, workbench_, rows, course, Training<T>::Aim::gradient, 0);
        training.run();
        for (const Layer<T>& layer : network_.layers) {
            unpack(layer.form, layer.spec.outputs, layer.gradient.data(), gradient + layer.flat);
        }
        return training.objective();
    }

    Index read(T* parameters, T* moments) const override {
        for (const Layer<T>& layer : network_.layers) {
            unpack(layer.form, layer.spec.outputs, layer.weights.data(), parameters + layer.flat);
            for (int m = 0; m < moment_count(network_.optimizer.rule); ++m) {
                unpack(layer.form, layer.spec.outputs, layer.moments[m].data(), moments + m * network_.parameters + layer.flat);
            }
        }
        return step_;
    }

    void write(const T* parameters, const T* moments, Index step) override {
        for (Layer<T>& layer : network_.layers) {
            pack(layer.form, layer.spec.outputs, parameters + layer.flat, layer.weights.data());
            if (!network_.training) continue;
            for (int m = 0; m < moment_count(network_.optimizer.rule); ++m) {
                pack(layer.form, layer.spec.outputs, moments + m * network_.parameters + layer.flat, layer.moments[m].data());
            }
        }
        if (network_.training) network_.units.settle();
        step_ = step;
    }

  private:
    Network<T> network_;
    Index step_ = 0;
    Workbench<T> workbench_;
    Workspace<T> measure_space_;
};

}  // namespace glassnet::GLASSNET_TARGET
