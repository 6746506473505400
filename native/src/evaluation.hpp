// The outputs of given rows, their losses, or both, a block of rows at a time.
#pragma once

#include "batch.hpp"
#include "network.hpp"
#include "phases.hpp"

namespace glassnet::GLASSNET_ISA {

template <class T>
class Evaluation {
  public:
    // Writes to `outputs` (N, O), unless it is null.
    Evaluation(Network<T>& network, RowMemory<T>& memory, const RowsView<T>& rows, T* outputs, Interruption& interruption)
        : network_(network), memory_(memory), rows_(rows), outputs_(outputs), interruption_(interruption),
          small_(network.small && !rows.sparse() && rows.count < SMALL_BATCH) {}

    // Measures losses as well, and writes those of the rows to `losses` (N,), unless it is null.
    void measure(double* losses) {
        totals_ = Buffer<double>(blocks_of(rows_.count));
        losses_ = losses;
    }

    // Returns the sum of the losses, each multiplied by the weight of its row.
    double run() {
        const Index blocks = blocks_of(rows_.count), rows = maximum<Index>(rows_.count, 1);
        const double flops = 2.0 * double(rows_.count) * network_.products(rows_);
        const int threads = blocks > PhaseQueue::MOST ? 1 : int(minimum<Index>(network_.threads_for(flops), maximum<Index>(blocks, 1)));
        memory_.reserve(network_, threads > 1 ? threads * BLOCK_ROWS : minimum(BLOCK_ROWS, rows), rows_.sparse(), false);
        PhasedJob<Evaluation>(*this).run(threads);
        double total = 0;
        for (double part : totals_) total += part;
        return total;
    }

    void begin(int) {}
    Index pieces() const { return blocks_of(rows_.count); }
    bool advance() const { return false; }

    Interruption& interruption() const { return interruption_; }

    void work_on(Index block, int thread) {
        if (interruption_.requested()) return;
        const Index first = block * BLOCK_ROWS, count = minimum(BLOCK_ROWS, rows_.count - first), at = thread * BLOCK_ROWS;
        const Workspace<T>& space = memory_.space;
        const Batch batch{first, count, 1, nullptr};
        load_rows(network_.layers, space, rows_, batch, 0, 0, count, at);
        if (small_) memory_.small.forward(count);
        else forward(network_.layers, space, at, at + count, Dropout{false, 0, 0, 0}, false, interruption_);
        if (outputs_) write_outputs(first, count, at);
        if (!totals_.size()) return;
        network_.output.measure(space.output, at, at + count);
        for (Index r = at; r < at + count; ++r) totals_[block] += space.losses[r] * space.weights[r];
        if (losses_) {
            for (Index r = 0; r < count; ++r) losses_[first + r] = space.losses[at + r];
        }
    }

  private:
    void write_outputs(Index first, Index count, Index at) const {
        const OutputRows<T>& out = memory_.space.output;
        network_.output.activate(out, at, at + count);
        const Index width = network_.outputs();
        for (Index r = 0; r < count; ++r) {
            T* const to = outputs_ + (first + r) * width;
            for (Index column = 0, panel = 0; column < width; column += PANEL<T>, ++panel) {
                const T* const from = out.a.row(panel, at + r);
                for (Index i = 0; i < minimum<Index>(PANEL<T>, width - column); ++i) to[column + i] = from[i];
            }
        }
    }

    Network<T>& network_;
    RowMemory<T>& memory_;
    const RowsView<T>& rows_;
    T* const outputs_;
    Interruption& interruption_;
    const bool small_;       // uses `SmallNetwork`
    double* losses_ = nullptr;
    Buffer<double> totals_;  // of the losses of each block; empty if they are not measured
};

}  // namespace glassnet::GLASSNET_ISA
