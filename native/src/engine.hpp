// A run: whole epochs of training, and what else is asked of a network, on as many threads as pay.
//
// A step has two stages. In the first, each thread takes rows of the batch through the whole forward pass
// and their deltas back through all layers. In the second, each takes some of the weights (`Unit`), sums
// their gradient over all rows in order, and updates them at once; where the weights are few, the gradient of a
// segment of the rows is taken in the first stage already. Between the two only one thread goes on (`advance`).
// No number depends on which thread did it.
#pragma once

#include "batch.hpp"
#include "narrow.hpp"
#include "pool.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index CHUNK_ROWS = 2048;      // a larger batch is taken in chunks, to bound the memory
constexpr Index SEGMENT_ROWS = 128;     // whose gradient may be kept apart
constexpr Index LEAST_ROWS = 16;        // that a thread takes at a time, where there are several threads
constexpr double THREAD_FLOPS = 2.5e6;  // work in float32 that a thread must have to be worth waking

template <class T>
class Engine final : public Run<T> {
  public:
    explicit Engine(const RunSpec& spec)
        : layers_(layers_of<T>(spec)), units_(layers_, spec.objective, spec.optimizer), objective_(spec.objective),
          optimizer_(spec.optimizer), seed_(spec.dropout_seed), most_threads_(spec.threads), training_(spec.training),
          narrow_(NarrowNetwork<T>::suits(layers_)),
          output_(layers_[last()].spec.outputs, layers_[last()].spec.activation, spec.objective) {
        for (const Layer<T>& layer : layers_) {
            parameters_ += (layer.spec.inputs + 1) * layer.spec.outputs;
            widths_ += layer.spec.inputs + 1 + layer.spec.outputs;
            dropping_ = dropping_ || layer.spec.dropout > 0;
        }
    }

    Outcome epochs(const RowsView<T>& rows, const Course& course) override {
        if (course.epochs == 0 || (course.stop && *static_cast<const volatile unsigned char*>(course.stop))) return {0, 0};
        if (course.steps == 0) {
            for (Index epoch = 0; epoch < course.epochs; ++epoch) course.losses[epoch] = course.penalties[epoch] = 0;
            return {course.epochs, 0};
        }
        const Index batch = least(course.batch, rows.count);
        const bool clips = optimizer_.max_norm < HUGE_VAL;
        const Index chunk = least(CHUNK_ROWS, greatest<Index>(batch, 1));
        prepare(train_space_, chunk, true);
        const bool resident = !course.orders && course.steps == 1 && batch == rows.count && rows.count <= chunk;
        Training job{this, &rows, &course, chunk, batch <= chunk && !clips, false, resident};
        job.narrow = job.fused && narrow_ && batch < NARROW_ROWS;
        job.segments = segments_of(least(batch, chunk));
        job.step = step_;
        if (!job.fused || job.segments > 1) need_gradients(job.segments);
        const int threads = job.narrow ? 1 : threads_for(6.0 * double(batch) * double(parameters_));
        in_parallel(threads, Training::ready, Training::work, &job);
        step_ = job.step;
        return job.outcome;
    }

    void predict(const T* inputs, Index count, T* outputs) override {
        Measuring job{this, {inputs, nullptr, nullptr, count}, outputs, {}};
        measure(job);
    }

    double evaluate(const RowsView<T>& rows) override {
        Measuring job{this, rows, nullptr, Buffer<double>(blocks_of(rows.count))};
        measure(job);
        double total = 0, share = 0;
        for (double part : job.losses) total += part;
        if (!rows.weights) share = double(rows.count);
        else for (Index i = 0; i < rows.count; ++i) share += double(rows.weights[i]);
        return total / (share != 0 ? share : 1.0);
    }

    double gradients(const RowsView<T>& rows, T* gradient) override {
        const Course course{rows.count, 1, 1, nullptr, nullptr, nullptr, nullptr, nullptr};
        const Index chunk = least(CHUNK_ROWS, greatest<Index>(rows.count, 1));
        prepare(train_space_, chunk, true);
        Training job{this, &rows, &course, chunk, false, true, false};
        job.segments = segments_of(chunk);
        need_gradients(job.segments);
        in_parallel(threads_for(6.0 * double(rows.count) * double(parameters_)), Training::ready, Training::work, &job);
        for (const Layer<T>& layer : layers_) unpack(layer.form, layer.spec.outputs, layer.gradient.data(), gradient + layer.flat);
        return job.objective();
    }

    Index read(T* parameters, T* moments) const override {
        for (const Layer<T>& layer : layers_) {
            unpack(layer.form, layer.spec.outputs, layer.weights.data(), parameters + layer.flat);
            for (int m = 0; m < moment_count(optimizer_.rule); ++m) {
                unpack(layer.form, layer.spec.outputs, layer.moments[m].data(), moments + m * parameters_ + layer.flat);
            }
        }
        return step_;
    }

    void write(const T* parameters, const T* moments, Index step) override {
        for (Layer<T>& layer : layers_) {
            pack(layer.form, layer.spec.outputs, parameters + layer.flat, layer.weights.data());
            if (!training_) continue;
            for (int m = 0; m < moment_count(optimizer_.rule); ++m) {
                pack(layer.form, layer.spec.outputs, moments + m * parameters_ + layer.flat, layer.moments[m].data());
            }
        }
        if (training_) units_.settle();
        step_ = step;
    }

  private:
    enum class Stage { rows, update, gradient, finish, clip };

    // One call of `epochs` or `gradients`: what is asked, and how far it is. Only a thread that is alone
    // changes it.
    struct Training {
        Engine* engine;
        const RowsView<T>* rows;
        const Course* course;
        Index chunk_rows;
        bool fused;          // gradient and update in one go; else the gradient is written to memory first
        bool only_gradient;  // one batch, and no update
        bool resident;       // the workspace keeps the same rows in the same order from step to step

        bool narrow = false;  // steps of `NarrowNetwork`
        Index segments = 1;   // of a chunk's rows; several: each gets its gradient in memory right after its deltas
        int threads = 1;
        Stages* stages = nullptr;  // where there are several threads
        Stage stage = Stage::rows;
        Index pieces = 0;  // of this stage
        bool over = false;

        Outcome outcome{0, 0};
        Index epoch = 0, number = 0, step = 0, chunk = 0;
        Batch batch{};
        double loss = 0, penalty = 0, penalty_share = 1;                 // of this batch
        double total = 0, total_penalty = 0, total_weight = 0;           // of this epoch
        StepConstants<T> constants{};
        double norm = 0;

        Index chunk_count() const { return least(chunk_rows, batch.count - chunk); }
        bool last_chunk() const { return chunk + chunk_rows >= batch.count; }
        double objective() const { return loss + penalty; }

        static void ready(void* job, int threads, bool spin) {
            Training& self = *static_cast<Training*>(job);
            self.threads = threads;
            if (threads > 1) self.stages = new Stages(threads, spin);
            self.engine->begin_step(self);
        }

        static void work(void* job, int thread) {
            const FlushToZero flush;
            Training& self = *static_cast<Training*>(job);
            if (self.threads == 1) {
                while (!self.over) {
                    for (Index piece = 0; piece < self.pieces; ++piece) self.engine->work_on(self, piece);
                    self.engine->advance(self);
                }
                return;
            }
            for (int piece; (piece = self.stages->take(thread)) != Stages::OVER;) {
                self.engine->work_on(self, piece);
                if (self.stages->finish()) self.engine->advance(self);
            }
        }

        ~Training() { delete stages; }
    };

    struct Measuring {
        Engine* engine;
        RowsView<T> rows;
        T* outputs;             // or null
        Buffer<double> losses;  // of each block

        Stages* stages = nullptr;

        static void ready(void* job, int threads, bool spin) {
            Measuring& self = *static_cast<Measuring*>(job);
            if (threads == 1) return;
            self.stages = new Stages(threads, spin);
            self.stages->offer(blocks_of(self.rows.count));
        }

        static void work(void* job, int thread) {
            const FlushToZero flush;
            Measuring& self = *static_cast<Measuring*>(job);
            if (!self.stages) {
                for (Index block = 0; block < blocks_of(self.rows.count); ++block) self.engine->measure_block(self, block, 0);
                return;
            }
            for (int block; (block = self.stages->take(thread)) != Stages::OVER;) {
                self.engine->measure_block(self, block, thread * BLOCK_ROWS);
                if (self.stages->finish()) self.stages->close();
            }
        }

        ~Measuring() { delete stages; }
    };

    Index last() const { return layers_.size() - 1; }

    static Index blocks_of(Index rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

    int threads_for(double flops) const {
        const double wanted = flops * double(sizeof(T)) / (sizeof(float) * THREAD_FLOPS);
        return wanted < most_threads_ ? greatest(1, int(wanted)) : most_threads_;
    }

    void prepare(Workspace<T>& space, Index rows, bool training) {
        if (space.capacity >= rows) return;
        space = Workspace<T>(layers_, rows, training);
        if (training && narrow_) narrow_network_ = NarrowNetwork<T>(layers_, units_, space);
    }

    void need_gradients(Index segments) {
        for (Layer<T>& layer : layers_) {
            if (layer.gradient.size() < segments * layer.form.size()) layer.gradient = Buffer<T>(segments * layer.form.size());
        }
    }

    // Into how many segments some rows fall. Where the rows' numbers are many beside the weights, it is cheaper
    // that the thread which has them at hand sums their gradient than that each thread reads those of all rows.
    Index segments_of(Index rows) const {
        const bool pays = 4 * parameters_ < SEGMENT_ROWS * widths_;
        return pays ? greatest<Index>(1, (rows + SEGMENT_ROWS - 1) / SEGMENT_ROWS) : 1;
    }

    void work_on(Training& job, Index piece) {
        switch (job.stage) {
            case Stage::rows: return work_on_rows(job, piece);
            case Stage::update:
                if (job.narrow) return narrow_network_.update(job.batch.count, job.penalty_share, job.constants);
                if (job.segments > 1) return units_.update({piece, job.pieces}, job.segments, job.penalty_share, job.constants);
                return units_.update({piece, job.pieces}, train_space_, job.batch.count, job.penalty_share, job.constants);
            case Stage::gradient:
                return units_.add_gradient({piece, job.pieces}, train_space_, {0, job.chunk_count()}, 0, job.chunk > 0);
            case Stage::finish: return units_.finish_gradient({piece, job.pieces}, job.segments, job.penalty_share);
            case Stage::clip: return units_.clip({piece, job.pieces}, job.norm, job.constants);
        }
    }

    void begin(Training& job, Stage stage) {
        job.stage = stage;
        job.pieces = stage == Stage::rows ? row_pieces(job) : unit_pieces(job);
        if (job.stages) job.stages->offer(job.pieces);
    }

    void end(Training& job) {
        job.over = true;
        if (job.stages) job.stages->close();
    }

    // Called by the one thread that finished a stage.
    void advance(Training& job) {
        switch (job.stage) {
            case Stage::rows:
                for (Index r = 0; r < job.chunk_count(); ++r) job.loss += train_space_.losses[r] * train_space_.weights[r];
                if (job.last_chunk() && !settle_objective(job)) return end(job);
                if (job.fused) return begin(job, Stage::update);
                return job.segments > 1 ? end_chunk(job) : begin(job, Stage::gradient);
            case Stage::gradient: return end_chunk(job);
            case Stage::finish:
                if (job.only_gradient) return end(job);
                job.norm = units_.norm();
                return begin(job, Stage::clip);
            case Stage::update:
            case Stage::clip: return end_step(job);
        }
    }

    void end_chunk(Training& job) {
        if (job.last_chunk()) return begin(job, Stage::finish);
        job.chunk += job.chunk_rows;
        begin(job, Stage::rows);
    }

    void begin_step(Training& job) {
        job.batch = batch_of(*job.rows, *job.course, job.epoch, job.number);
        job.penalty_share = objective_.penalty_per_row ? 1 / job.batch.divisor() : 1.0;
        job.penalty = units_.penalty() * job.penalty_share;
        job.loss = 0, job.chunk = 0;
        begin(job, Stage::rows);
    }

    // The loss of the whole batch is known. False: the step must not be made.
    bool settle_objective(Training& job) {
        job.loss /= job.batch.divisor();
        if (!job.rows->weights && job.batch.count == 0) job.loss = NAN;  // the mean of nothing
        if (job.only_gradient) return true;
        if (!finite(job.objective())) {
            job.outcome.diverged_at = job.step + 1;
            return false;
        }
        job.constants = step_constants<T>(optimizer_, job.course->rates[job.epoch * job.course->steps + job.number], job.step + 1);
        return true;
    }

    void end_step(Training& job) {
        const Course& course = *job.course;
        job.total += job.objective() * job.batch.weight;
        job.total_penalty += job.penalty * job.batch.weight;
        job.total_weight += job.batch.weight;
        ++job.step;
        if (++job.number == course.steps) {
            const double divisor = job.total_weight != 0 ? job.total_weight : 1.0;
            course.losses[job.epoch] = job.total / divisor;
            course.penalties[job.epoch] = job.total_penalty / divisor;
            job.total = job.total_penalty = job.total_weight = 0;
            job.number = 0;
            job.outcome.finished = ++job.epoch;
        }
        const bool stopped = course.stop && *static_cast<const volatile unsigned char*>(course.stop);
        if (stopped || job.epoch == course.epochs) return end(job);
        begin_step(job);
    }

    // Pieces of a chunk's rows: about two a thread, so that one can help the other, but not too small.
    Index row_pieces(const Training& job) const {
        const Index count = job.chunk_count();
        if (job.segments > 1) return job.segments;
        if (job.threads == 1) return blocks_of(count);
        const Index rows = least(BLOCK_ROWS / 2, greatest(LEAST_ROWS, (count + 2 * job.threads - 1) / (2 * job.threads)));
        return greatest<Index>(1, (count + rows - 1) / rows);
    }

    // Forward and back for some rows of a chunk, and their gradient if they are a segment.
    void work_on_rows(Training& job, Index piece) {
        const Index count = job.chunk_count();
        const Rows rows{begin_of(piece, job.pieces, count), begin_of(piece + 1, job.pieces, count)};
        if (rows.begin < rows.end) pass(job, rows.begin, rows.end);
        if (job.segments > 1) units_.add_gradient({0, 1}, train_space_, rows, piece, job.chunk > 0);
    }

    void pass(Training& job, Index begin, Index end) {
        const Workspace<T>& space = train_space_;
        if (!job.resident || job.epoch == 0) load_rows(layers_, space, *job.rows, job.batch, job.chunk, begin, end, 0);
        if (job.narrow) {
            narrow_network_.forward(end);
            output_.measure(space.output, 0, end);
            return narrow_network_.backward(end);
        }
        forward(layers_, space, begin, end, Dropping{dropping_ && !job.only_gradient, seed_, job.step, job.chunk}, true);
        output_.measure(space.output, begin, end);
        backward(layers_, space, begin, end);
    }

    Index unit_pieces(const Training& job) const { return job.threads == 1 ? 1 : least<Index>(4 * job.threads, units_.count()); }

    void measure(Measuring& job) {
        const Index blocks = blocks_of(job.rows.count);
        const double flops = 2.0 * double(job.rows.count) * double(parameters_);
        const int threads = blocks > Stages::MOST ? 1 : int(least<Index>(threads_for(flops), greatest<Index>(blocks, 1)));
        prepare(measure_space_, threads > 1 ? threads * BLOCK_ROWS : least(BLOCK_ROWS, greatest<Index>(job.rows.count, 1)), false);
        in_parallel(threads, Measuring::ready, Measuring::work, &job);
    }

    void measure_block(Measuring& job, Index block, Index at) {
        const Workspace<T>& space = measure_space_;
        const Index first = block * BLOCK_ROWS, count = least(BLOCK_ROWS, job.rows.count - first);
        const Batch batch{first, count, 1, nullptr};
        load_rows(layers_, space, job.rows, batch, 0, 0, count, at);
        forward(layers_, space, at, at + count, Dropping{false, 0, 0, 0}, false);
        if (!job.outputs) {
            output_.measure(space.output, at, at + count);
            double loss = 0;
            for (Index r = at; r < at + count; ++r) loss += space.losses[r] * space.weights[r];
            job.losses[block] = loss;
            return;
        }
        output_.activate(space.output, at, at + count);
        const Index width = layers_[last()].spec.outputs;
        for (Index r = 0; r < count; ++r) {
            T* const to = job.outputs + (first + r) * width;
            for (Index column = 0, panel = 0; column < width; column += PANEL<T>, ++panel) {
                const T* const from = space.output.a.row(panel, at + r);
                for (Index i = 0; i < least<Index>(PANEL<T>, width - column); ++i) to[column + i] = from[i];
            }
        }
    }

    Array<Layer<T>> layers_;
    Units<T> units_;
    const ObjectiveSpec objective_;
    const OptimizerSpec optimizer_;
    const std::uint64_t seed_;
    const int most_threads_;
    const bool training_, narrow_;
    const OutputLayer<T> output_;
    bool dropping_ = false;
    Index parameters_ = 0, widths_ = 0, step_ = 0;
    Workspace<T> train_space_, measure_space_;
    NarrowNetwork<T> narrow_network_;
};

}  // namespace glassnet::GLASSNET_TARGET
