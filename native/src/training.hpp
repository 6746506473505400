// Steps of training, phase after phase.
//
// A step has two phases. In the first, each thread takes some rows of the batch through the whole forward pass and
// their deltas through the backward pass. In the second, each thread takes some slices of the weights, sums their
// gradient over all rows in order, and updates them at once. Where there are few weights, the first phase computes the
// gradient of each segment of the rows instead, and the second adds these. Gradient clipping needs three more phases.
// Between phases a single thread runs `advance`. No result depends on which thread computed it.
#pragma once

#include "batch.hpp"
#include "network.hpp"
#include "phases.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr Index CHUNK_ROWS = 2048;   // a larger batch is divided into chunks, to limit the memory
constexpr Index SEGMENT_ROWS = 128;  // rows of a segment
constexpr Index LEAST_ROWS = 16;     // rows of a piece, at least, where there are several threads
constexpr double MOST_PRODUCTS = 2e9;  // of the gradient of a step whose update cannot be interrupted

// One call of Run::epochs or Run::gradients: what was requested and its state. Only `begin` and `advance` change it.
template <class T>
class Training {
  public:
    enum class Aim { steps, gradient };  // gradient: of one batch, stored in memory, without an update

    Training(Network<T>& network, RowMemory<T>& memory, const RowsView<T>& rows, const EpochsRequest& request, Aim aim, Index step,
             Interruption& interruption)
        : network_(network), memory_(memory), rows_(rows), request_(request), interruption_(interruption),
          only_gradient_(aim == Aim::gradient), step_(step) {
        const Index batch = minimum(request.batch_size, rows.count);
        chunk_rows_ = minimum(CHUNK_ROWS, maximum<Index>(batch, 1));
        memory.reserve(network, chunk_rows_, rows_.sparse(), true);
        if (rows_.sparse()) memory.space.sparse_columns.reserve(most_entries(), network.layers[0].spec.inputs);
        updates_at_once_ = batch <= chunk_rows_ && network.optimizer.max_norm == HUGE_VAL && !only_gradient_ &&
                           double(batch) * double(network.parameter_count) <= MOST_PRODUCTS;
        small_ = updates_at_once_ && network.small && !rows_.sparse() && batch < SMALL_BATCH;
        same_rows_ = !request.orders && request.steps == 1 && batch == rows.count && rows.count <= chunk_rows_;
        segments_ = segments_of(minimum(batch, chunk_rows_));
        if (!updates_at_once_ || segments_ > 1) reserve_gradients();
    }

    EpochsResult run() {
        const double products = double(minimum(request_.batch_size, rows_.count)) * network_.products(rows_);
        const double flops = 6.0 * maximum(products, 2.0 * double(network_.parameter_count));  // an update costs as much as two rows
        if (small_) run_small();
        else PhasedJob<Training>(*this).run(network_.threads_for(flops));
        return result_;
    }

    Index step() const { return step_; }
    double objective() const { return loss_ + penalty_; }

    void begin(int threads) {
        threads_ = threads;
        begin_step();
    }

    Index pieces() const { return pieces_; }
    Interruption& interruption() const { return interruption_; }

    void work_on(Index number, int) {
        const Piece piece{number, pieces_};
        WeightUpdate<T>& weights = network_.weight_update;
        switch (phase_) {
            case Phase::rows: return work_on_rows(number);
            case Phase::update:
                if (segments_ > 1) return weights.update(piece, segments_, penalty_share_, constants_);
                return weights.update(piece, memory_.space, batch_.count, penalty_share_, constants_, threads_ > 1);
            case Phase::gradient: return weights.store_gradient(piece, memory_.space, {0, chunk_count()}, 0, chunk_ > 0, interruption_);
            case Phase::finish: return weights.finish_gradient(piece, segments_, penalty_share_);
            case Phase::clip: return weights.clip(piece, norm_, constants_);
        }
    }

    bool advance() {
        switch (phase_) {
            case Phase::rows:
                if (interruption_.requested()) return false;  // the step is not made
                add_losses(chunk_count());
                if (is_last_chunk() && !finish_objective()) return false;
                if (rows_.sparse() && !(same_rows_ && epoch_ > 0)) {
                    memory_.space.sparse_columns.gather(memory_.space.sparse_rows.data(), chunk_count(), network_.layers[0].spec.inputs, interruption_);
                }
                if (interruption_.requested()) return false;  // the entries may not be complete
                if (updates_at_once_) return begin(Phase::update);
                return segments_ > 1 ? end_chunk() : begin(Phase::gradient);
            case Phase::gradient: return interruption_.requested() ? false : end_chunk();
            case Phase::finish:
                if (only_gradient_) return false;
                norm_ = network_.weight_update.norm();
                return begin(Phase::clip);
            case Phase::update:
            case Phase::clip: break;
        }
        return end_step();
    }

  private:
    enum class Phase { rows, update, gradient, finish, clip };

    // All steps of a small network, on this thread, without phases.
    void run_small() {
        const FlushToZero flush;
        begin(1);
        do {
            if (!same_rows_ || epoch_ == 0) load_rows(network_.layers, memory_.space, rows_, batch_, 0, 0, batch_.count, 0);
            memory_.small.forward(batch_.count);
            network_.output.measure(memory_.space.output, 0, batch_.count);
            memory_.small.backward(batch_.count);
            add_losses(batch_.count);
            if (!finish_objective()) return;
            memory_.small.update(batch_.count, penalty_share_, constants_);
        } while (end_step());
    }

    void add_losses(Index count) {
        for (Index r = 0; r < count; ++r) loss_ += memory_.space.losses[r] * memory_.space.weights[r];
    }

    // The number of segments of some rows. Where the rows have many numbers compared with the weights, it is cheaper
    // that the thread which has just computed some rows sums their gradient than that each thread reads all rows.
    Index segments_of(Index rows) const {
        const bool pays = !rows_.sparse() && 4 * network_.parameter_count < SEGMENT_ROWS * network_.widths;
        return pays ? maximum<Index>(1, (rows + SEGMENT_ROWS - 1) / SEGMENT_ROWS) : 1;
    }

    // The largest number of entries of sparse inputs in one chunk.
    Index most_entries() const {
        Index most = 0;
        for (Index epoch = 0; epoch < (request_.orders ? request_.epochs : 1); ++epoch) {
            for (Index number = 0; number < request_.steps; ++number) {
                const Batch batch = batch_of(rows_, request_, epoch, number);
                for (Index chunk = 0; chunk < batch.count; chunk += chunk_rows_) {
                    Index entries = 0;
                    for (Index r = chunk; r < minimum(chunk + chunk_rows_, batch.count); ++r) entries += rows_.sparse_inputs.row(batch.row(r)).count;
                    most = maximum(most, entries);
                }
            }
        }
        return most;
    }

    void reserve_gradients() {
        for (Layer<T>& layer : network_.layers) {
            const Index size = segments_ * layer.layout.size();
            if (layer.gradient.size() < size) layer.gradient = Buffer<T>(size);
        }
    }

    Index chunk_count() const { return minimum(chunk_rows_, batch_.count - chunk_); }
    bool is_last_chunk() const { return chunk_ + chunk_rows_ >= batch_.count; }

    bool begin(Phase phase) {
        phase_ = phase;
        pieces_ = phase == Phase::rows ? row_pieces() : threads_ == 1 ? 1 : minimum<Index>(4 * threads_, network_.weight_update.count());
        return true;
    }

    // The number of pieces of a chunk's rows: about two per thread, so that threads can help each other, of useful size.
    Index row_pieces() const {
        const Index count = chunk_count();
        if (segments_ > 1) return segments_;
        if (threads_ == 1) return blocks_of(count);
        const Index rows = minimum(BLOCK_ROWS / 2, maximum(LEAST_ROWS, (count + 2 * threads_ - 1) / (2 * threads_)));
        return maximum<Index>(1, (count + rows - 1) / rows);
    }

    bool begin_step() {
        batch_ = batch_of(rows_, request_, epoch_, number_);
        penalty_share_ = network_.objective.penalty_per_row ? 1 / batch_.divisor() : 1.0;
        penalty_ = network_.weight_update.penalty() * penalty_share_;
        loss_ = 0, chunk_ = 0;
        return begin(Phase::rows);
    }

    bool end_chunk() {
        if (is_last_chunk()) return begin(Phase::finish);
        chunk_ += chunk_rows_;
        return begin(Phase::rows);
    }

    // Called when the loss of the whole batch is known. Returns whether the step may be made.
    bool finish_objective() {
        loss_ /= batch_.divisor();
        if (!rows_.weights && batch_.count == 0) loss_ = NAN;  // the mean over no rows
        if (only_gradient_) return true;
        if (!finite(objective())) {
            result_.diverged_at = step_ + 1;
            return false;
        }
        const double rate = request_.rates[epoch_ * request_.steps + number_];
        constants_ = step_constants<T>(network_.optimizer, network_.weight_update.corrects_bias(), rate, step_ + 1);
        return true;
    }

    bool end_step() {
        total_ += objective() * batch_.weight;
        total_penalty_ += penalty_ * batch_.weight;
        total_weight_ += batch_.weight;
        ++step_;
        if (++number_ == request_.steps) {
            const double divisor = total_weight_ != 0 ? total_weight_ : 1.0;
            request_.losses[epoch_] = total_ / divisor;
            request_.penalties[epoch_] = total_penalty_ / divisor;
            total_ = total_penalty_ = total_weight_ = 0;
            number_ = 0;
            result_.finished = ++epoch_;
        }
        return epoch_ == request_.epochs || interruption_.requested() ? false : begin_step();
    }

    // Forward and backward pass of some rows of a chunk, and their gradient if they are a segment.
    void work_on_rows(Index piece) {
        const Index count = chunk_count();
        const RowRange rows{begin_of(piece, pieces_, count), begin_of(piece + 1, pieces_, count)};
        if (rows.begin < rows.end) pass(rows.begin, rows.end);
        if (segments_ > 1) network_.weight_update.store_gradient({0, 1}, memory_.space, rows, piece, chunk_ > 0, interruption_);
    }

    void pass(Index begin, Index end) {
        const Array<Layer<T>>& layers = network_.layers;
        const Workspace<T>& space = memory_.space;
        if (!same_rows_ || epoch_ == 0) load_rows(layers, space, rows_, batch_, chunk_, begin, end, 0);
        forward(layers, space, begin, end, Dropout{network_.drops && !only_gradient_, network_.dropout_seed, step_, chunk_}, true, interruption_);
        network_.output.measure(space.output, begin, end);
        backward(layers, space, begin, end, interruption_);
    }

    Network<T>& network_;
    RowMemory<T>& memory_;
    const RowsView<T>& rows_;
    const EpochsRequest& request_;
    Interruption& interruption_;
    const bool only_gradient_;
    bool updates_at_once_;  // gradient and update in one phase; else the gradient is stored in memory first
    bool small_;            // uses `SmallNetwork`
    bool same_rows_;        // every step has the same rows in the same order: the workspace keeps them
    Index chunk_rows_, segments_;

    int threads_ = 1;
    Phase phase_ = Phase::rows;
    Index pieces_ = 0;  // of this phase

    EpochsResult result_{0, 0};
    Index epoch_ = 0, number_ = 0, step_, chunk_ = 0;
    Batch batch_{};
    double loss_ = 0, penalty_ = 0, penalty_share_ = 1;        // of this batch
    double total_ = 0, total_penalty_ = 0, total_weight_ = 0;  // of this epoch
    StepConstants<T> constants_{};
    double norm_ = 0;
};

}  // namespace glassnet::GLASSNET_ISA
