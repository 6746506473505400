// What crosses the border between the binding and the kernels: plain values, and the interface of a run.
// Nothing here depends on the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glassnet {

using Index = std::ptrdiff_t;

// In the order of the names that the binding shows (binding.cpp).
enum class Activation { identity, step, relu, leaky_relu, elu, sigmoid, tanh, softplus, gelu, silu, exponential, softmax };
enum class Loss { squared_error, absolute_error, huber, quantile, poisson, binary_log_loss, categorical_log_loss };
enum class Rule { gradient_descent, momentum, nesterov, rmsprop, adam, adamw };

struct LayerSpec {
    Index inputs, outputs;
    Activation activation;
    double dropout;
};

struct ObjectiveSpec {
    Loss loss;
    double constant;  // huber's delta, the quantile
    double l1, l2;
    double ceiling;        // the most that one element of the loss counts
    bool penalty_per_row;  // penalties are divided by the weight of the batch's rows
};

// `first` is the momentum, RMSprop's decay or Adam's beta1; `second` is beta2.
struct OptimizerSpec {
    Rule rule;
    double first, second, epsilon, weight_decay;
    double max_norm;  // infinity: no clipping
};

// The entries of one row of sparse inputs: all its numbers that are not 0, and their columns.
template <class T>
struct SparseRow {
    const T* values;
    const std::int32_t* columns;
    Index count;
};

// Sparse inputs (N, I) by rows: the entries of row r are [starts[r], starts[r + 1]).
template <class T>
struct SparseInputs {
    const T* values = nullptr;
    const std::int32_t* columns = nullptr;
    const Index* starts = nullptr;

    SparseRow<T> row(Index r) const { return {values + starts[r], columns + starts[r], starts[r + 1] - starts[r]}; }
};

template <class T>
struct RowsView {
    const T* inputs;   // (N, I), or null if they are sparse
    const T* targets;  // (N, O), NaN where one is missing; or null where only outputs are wanted
    const T* weights;  // (N,) or null
    Index count;
    SparseInputs<T> entries{};

    bool sparse() const { return entries.starts; }
};

// What to train: `epochs` times `steps` steps of `batch` rows.
struct Course {
    Index batch, epochs, steps;
    const double* rates;         // (epochs, steps)
    const Index* orders;         // (epochs, N) or null
    const unsigned char* stop;   // one byte, or null
    double* losses;              // (epochs,), filled as far as they were finished
    double* penalties;           // (epochs,), the part of the losses that is penalty

    bool stopped() const { return stop && *static_cast<const volatile unsigned char*>(stop); }
};

struct Outcome {
    Index finished;     // epochs
    Index diverged_at;  // the step (from 1) whose objective was not finite; 0: none
};

// One network being trained, or used. The flat vectors are (P,): per layer (I + 1, O), the biases last.
template <class T>
class Run {
  public:
    virtual ~Run();
    virtual Outcome epochs(const RowsView<T>& rows, const Course& course) = 0;
    virtual void predict(const RowsView<T>& rows, T* outputs) = 0;
    virtual double evaluate(const RowsView<T>& rows) = 0;
    virtual double gradients(const RowsView<T>& rows, T* gradient) = 0;
    // `moments` holds as many flat vectors as the optimizer remembers, one after the other.
    virtual Index read(T* parameters, T* moments) const = 0;
    virtual void write(const T* parameters, const T* moments, Index step) = 0;
};

struct RunSpec {
    const LayerSpec* layers;
    Index layer_count;
    ObjectiveSpec objective;
    OptimizerSpec optimizer;
    std::uint64_t dropout_seed;
    int threads;    // at most so many
    bool training;  // false: only `predict` will be called
};

inline int moment_count(Rule rule) {
    switch (rule) {
        case Rule::gradient_descent: return 0;
        case Rule::adam:
        case Rule::adamw: return 2;
        default: return 1;
    }
}

}  // namespace glassnet
