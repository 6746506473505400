// Steps of training, stage after stage.
//
// A step has two stages. In the first, each thread takes rows of the batch through the whole forward pass
// and their deltas back through all layers. In the second, each takes some of the weights (`Unit`), sums
// their gradient over all rows in order, and updates them at once; where the weights are few, the gradient of a
// segment of the rows is taken in the first stage already. Between the two only one thread goes on (`advance`).
// No number depends on which thread did it.
#pragma once

#include "batch.hpp"
#include "network.hpp"
#include "stages.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index CHUNK_ROWS = 2048;   // a larger batch is taken in chunks, to bound the memory
constexpr Index SEGMENT_ROWS = 128;  // whose gradient may be kept apart
constexpr Index LEAST_ROWS = 16;     // that a thread takes at a time, where there are several threads

// What steps need beside the network, kept from call to call.
template <class T>
struct Workbench {
    Workspace<T> space;
    NarrowNetwork<T> narrow;

    void reserve(Network<T>& network, Index rows, bool sparse) {
        if (!space.reserve(network.layers, rows, sparse, true) || !network.narrow || sparse) return;
        narrow = NarrowNetwork<T>(network.layers, network.units, space);
    }
};

// One call: what is asked, and how far it is. Only a thread that is alone changes it.
template <class T>
class Training {
  public:
    enum class Aim { steps, gradient };  // gradient: of one batch, left in memory, and no update

    Training(Network<T>& network, Workbench<T>& workbench, const RowsView<T>& rows, const Course& course, Aim aim, Index step)
        : network_(network), workbench_(workbench), rows_(rows), course_(course), only_gradient_(aim == Aim::gradient), step_(step) {
        const Index batch = least(course.batch, rows.count);
        chunk_rows_ = least(CHUNK_ROWS, greatest<Index>(batch, 1));
        workbench.reserve(network, chunk_rows_, rows_.sparse());
        if (rows_.sparse()) workbench.space.sparse_columns.reserve(most_entries(), network.layers[0].spec.inputs);
        fused_ = batch <= chunk_rows_ && network.optimizer.max_norm == HUGE_VAL && !only_gradient_;
        narrow_ = fused_ && network.narrow && !rows_.sparse() && batch < NARROW_ROWS;
        resident_ = !course.orders && course.steps == 1 && batch == rows.count && rows.count <= chunk_rows_;
        segments_ = segments_of(least(batch, chunk_rows_));
        if (!fused_ || segments_ > 1) need_gradients();
    }

    Outcome run() {
        const double products = double(least(course_.batch, rows_.count)) * network_.products(rows_);
        const double flops = 6.0 * greatest(products, 2.0 * double(network_.parameters));  // an update takes as long as two rows
        InStages<Training>(*this).run(narrow_ ? 1 : network_.threads_for(flops));
        return outcome_;
    }

    Index step() const { return step_; }
    double objective() const { return loss_ + penalty_; }

    void begin(int threads) {
        threads_ = threads;
        begin_step();
    }

    Index pieces() const { return pieces_; }

    void work_on(Index number, int) {
        const Piece piece{number, pieces_};
        switch (stage_) {
            case Stage::rows: return work_on_rows(number);
            case Stage::update:
                if (narrow_) return workbench_.narrow.update(batch_.count, penalty_share_, constants_);
                if (segments_ > 1) return network_.units.update(piece, segments_, penalty_share_, constants_);
                return network_.units.update(piece, workbench_.space, batch_.count, penalty_share_, constants_);
            case Stage::gradient:
                return network_.units.add_gradient(piece, workbench_.space, {0, chunk_count()}, 0, chunk_ > 0);
            case Stage::finish: return network_.units.finish_gradient(piece, segments_, penalty_share_);
            case Stage::clip: return network_.units.clip(piece, norm_, constants_);
        }
    }

    bool advance() {
        switch (stage_) {
            case Stage::rows:
                for (Index r = 0; r < chunk_count(); ++r) loss_ += workbench_.space.losses[r] * workbench_.space.weights[r];
                if (last_chunk() && !settle_objective()) return false;
                if (rows_.sparse() && !(resident_ && epoch_ > 0)) {
                    workbench_.space.sparse_columns.gather(workbench_.space.sparse_rows.data(), chunk_count(), network_.layers[0].spec.inputs);
                }
                if (fused_) return begin(Stage::update);
                return segments_ > 1 ? end_chunk() : begin(Stage::gradient);
            case Stage::gradient: return end_chunk();
            case Stage::finish:
                if (only_gradient_) return false;
                norm_ = network_.units.norm();
                return begin(Stage::clip);
            default: return end_step();
        }
    }

  private:
    enum class Stage { rows, update, gradient, finish, clip };

    // Into how many segments some rows fall. Where the rows' numbers are many beside the weights, it is cheaper
    // that the thread which has them at hand sums their gradient than that each thread reads those of all rows.
    Index segments_of(Index rows) const {
        const bool pays = !rows_.sparse() && 4 * network_.parameters < SEGMENT_ROWS * network_.widths;
        return pays ? greatest<Index>(1, (rows + SEGMENT_ROWS - 1) / SEGMENT_ROWS) : 1;
    }

    // Of sparse inputs, in one chunk.
    Index most_entries() const {
        Index most = 0;
        for (Index epoch = 0; epoch < (course_.orders ? course_.epochs : 1); ++epoch) {
            for (Index number = 0; number < course_.steps; ++number) {
                const Batch batch = batch_of(rows_, course_, epoch, number);
                for (Index chunk = 0; chunk < batch.count; chunk += chunk_rows_) {
                    Index entries = 0;
                    for (Index r = chunk; r < least(chunk + chunk_rows_, batch.count); ++r) entries += rows_.entries.row(batch.row(r)).count;
                    most = greatest(most, entries);
                }
            }
        }
        return most;
    }

    void need_gradients() {
        for (Layer<T>& layer : network_.layers) {
            const Index size = segments_ * layer.form.size();
            if (layer.gradient.size() < size) layer.gradient = Buffer<T>(size);
        }
    }

    Index chunk_count() const { return least(chunk_rows_, batch_.count - chunk_); }
    bool last_chunk() const { return chunk_ + chunk_rows_ >= batch_.count; }

    bool begin(Stage stage) {
        stage_ = stage;
        pieces_ = stage == Stage::rows ? row_pieces() : threads_ == 1 ? 1 : least<Index>(4 * threads_, network_.units.count());
        return true;
    }

    // Pieces of a chunk's rows: about two a thread, so that one can help the other, but not too small.
    Index row_pieces() const {
        const Index count = chunk_count();
        if (segments_ > 1) return segments_;
        if (threads_ == 1) return blocks_of(count);
        const Index rows = least(BLOCK_ROWS / 2, greatest(LEAST_ROWS, (count + 2 * threads_ - 1) / (2 * threads_)));
        return greatest<Index>(1, (count + rows - 1) / rows);
    }

    bool begin_step() {
        batch_ = batch_of(rows_, course_, epoch_, number_);
        penalty_share_ = network_.objective.penalty_per_row ? 1 / batch_.divisor() : 1.0;
        penalty_ = network_.units.penalty() * penalty_share_;
        loss_ = 0, chunk_ = 0;
        return begin(Stage::rows);
    }

    bool end_chunk() {
        if (last_chunk()) return begin(Stage::finish);
        chunk_ += chunk_rows_;
        return begin(Stage::rows);
    }

    // The loss of the whole batch is known. False: the step must not be made.
    bool settle_objective() {
        loss_ /= batch_.divisor();
        if (!rows_.weights && batch_.count == 0) loss_ = NAN;  // the mean of nothing
        if (only_gradient_) return true;
        if (!finite(objective())) {
            outcome_.diverged_at = step_ + 1;
            return false;
        }
        constants_ = step_constants<T>(network_.optimizer, course_.rates[epoch_ * course_.steps + number_], step_ + 1);
        return true;
    }

    bool end_step() {
        total_ += objective() * batch_.weight;
        total_penalty_ += penalty_ * batch_.weight;
        total_weight_ += batch_.weight;
        ++step_;
        if (++number_ == course_.steps) {
            const double divisor = total_weight_ != 0 ? total_weight_ : 1.0;
            course_.losses[epoch_] = total_ / divisor;
            course_.penalties[epoch_] = total_penalty_ / divisor;
            total_ = total_penalty_ = total_weight_ = 0;
            number_ = 0;
            outcome_.finished = ++epoch_;
        }
        return course_.stopped() || epoch_ == course_.epochs ? false : begin_step();
    }

    // Forward and back for some rows of a chunk, and their gradient if they are a segment.
    void work_on_rows(Index piece) {
        const Index count = chunk_count();
        const Rows rows{begin_of(piece, pieces_, count), begin_of(piece + 1, pieces_, count)};
        if (rows.begin < rows.end) pass(rows.begin, rows.end);
        if (segments_ > 1) network_.units.add_gradient({0, 1}, workbench_.space, rows, piece, chunk_ > 0);
    }

    void pass(Index begin, Index end) {
        const Array<Layer<T>>& layers = network_.layers;
        const Workspace<T>& space = workbench_.space;
        if (!resident_ || epoch_ == 0) load_rows(layers, space, rows_, batch_, chunk_, begin, end, 0);
        if (narrow_) {
            workbench_.narrow.forward(end);
            network_.output.measure(space.output, 0, end);
            return workbench_.narrow.backward(end);
        }
        forward(layers, space, begin, end, Dropping{network_.dropping && !only_gradient_, network_.seed, step_, chunk_}, true);
        network_.output.measure(space.output, begin, end);
        backward(layers, space, begin, end);
    }

    Network<T>& network_;
    Workbench<T>& workbench_;
    const RowsView<T>& rows_;
    const Course& course_;
    const bool only_gradient_;
    bool fused_;     // gradient and update in one go; else the gradient is written to memory first
    bool narrow_;    // steps of `NarrowNetwork`
    bool resident_;  // the workspace keeps the same rows in the same order from step to step
    Index chunk_rows_, segments_;

    int threads_ = 1;
    Stage stage_ = Stage::rows;
    Index pieces_ = 0;  // of this stage

    Outcome outcome_{0, 0};
    Index epoch_ = 0, number_ = 0, step_, chunk_ = 0;
    Batch batch_{};
    double loss_ = 0, penalty_ = 0, penalty_share_ = 1;            // of this batch
    double total_ = 0, total_penalty_ = 0, total_weight_ = 0;      // of this epoch
    StepConstants<T> constants_{};
    double norm_ = 0;
};

}  // namespace glassnet::GLASSNET_TARGET
