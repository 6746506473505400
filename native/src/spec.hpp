// The interface between the Python binding and the kernels: plain values, and the abstract class of a run.
// Nothing here depends on the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "interruption.hpp"
#include "registry.hpp"

namespace glassnet {

using Index = std::ptrdiff_t;

struct LayerSpec {
    Index inputs, outputs;
    Activation activation;
    double dropout;
};

struct ObjectiveSpec {
    Loss loss;
    double parameter;  // of the loss: the delta of huber, the level of quantile
    double l1, l2;
    double loss_cap;       // the loss of one output counts at most this much
    bool penalty_per_row;  // the penalties are divided by the total weight of the rows of the batch
};

struct OptimizerSpec {
    Optimizer optimizer;
    double decay;   // of the first moment: the momentum, RMSprop's decay or Adam's beta1
    double decay2;  // of the second moment: Adam's beta2
    double epsilon, weight_decay;
    double max_norm;  // of the gradient; infinity: no clipping
};

struct RunSpec {
    const LayerSpec* layers;
    Index layer_count;
    ObjectiveSpec objective;
    OptimizerSpec optimizer;
    std::uint64_t dropout_seed;
    int threads;    // at most
    bool training;  // false: only `predict` will be called
};

// One row of sparse inputs: its stored values and their columns.
template <class T>
struct SparseRow {
    const T* values;
    const std::int32_t* columns;
    Index count;
};

// Sparse inputs (N, I) in the CSR format: row r has the entries [starts[r], starts[r + 1]).
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
    const T* targets;  // (N, O), NaN where a target is missing; null where only outputs are computed
    const T* weights;  // (N,) or null
    Index count;
    SparseInputs<T> sparse_inputs{};

    bool sparse() const { return sparse_inputs.starts; }
};

// The arguments of Run::epochs: `epochs` times `steps` steps, each on a batch of `batch_size` rows.
struct EpochsRequest {
    Index batch_size, epochs, steps;
    const double* rates;  // (epochs, steps)
    const Index* orders;  // (epochs, N) or null
    double* losses;       // (epochs,), written for every epoch that was finished
    double* penalties;    // (epochs,), the part of the losses that is penalty
};

struct EpochsResult {
    Index finished;     // epochs
    Index diverged_at;  // the step (from 1) whose objective was not finite; 0: none
};

// One network during training or prediction. Flat vectors are (P,): per layer (I + 1, O), the biases last. What a call
// returns or writes is complete unless it was interrupted; `epochs` then has made whole steps only.
template <class T>
class Run {
  public:
    virtual ~Run();
    virtual EpochsResult epochs(const RowsView<T>& rows, const EpochsRequest& request, Interruption& interruption) = 0;
    virtual void predict(const RowsView<T>& rows, T* outputs, Interruption& interruption) = 0;
    // Returns the mean loss. Writes the outputs (N, O) of all rows and their losses (N,), each unless it is null.
    virtual double evaluate(const RowsView<T>& rows, T* outputs, double* losses, Interruption& interruption) = 0;
    virtual double gradients(const RowsView<T>& rows, T* gradient, Interruption& interruption) = 0;
    // `moments` holds as many flat vectors as the optimizer has moments, one after the other; null: they are not read.
    // Returns the step.
    virtual Index read(T* parameters, T* moments) const = 0;
    virtual void write(const T* parameters, const T* moments, Index step) = 0;
    // Leaves all memory for rows alone and takes new memory: a thread that this process does not have was using it.
    virtual void renew() = 0;
};

}  // namespace glassnet
