// A run: whole epochs of training, and what else is asked of a network, on as many threads as pay.
//
// A step has two stages. In the first, each thread takes rows of the batch through the whole forward pass
// and their deltas back through all layers. In the second, each takes some of the weights (`Unit`), sums
// their gradient over all rows in order, and updates them at once. Between the two only one thread goes on
// (`advance`). No number depends on which thread did it.
#pragma once

#include "layers.hpp"
#include "pool.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index CHUNK_ROWS = 2048;      // a larger batch is taken in chunks, to bound the memory
constexpr Index LEAST_ROWS = 16;        // that a thread takes at a time, where there are several threads
constexpr Index FAR = 1 << 18;          // weights of a layer from which on they are fetched ahead of their update
constexpr double THREAD_FLOPS = 5.0e6;  // work a thread must have to be worth waking

// LANES rows of one strip of one layer's weights: the smallest piece of the second half's work.
struct Unit {
    Index layer, strip, begin, end;
    double work;  // of this unit and all before it
};

// Tiny numbers become 0 while a thread works for an engine: they would slow the processor down.
class FlushToZero {
  public:
#if defined(__SSE2__) || defined(_M_X64)
    FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
    ~FlushToZero() { _mm_setcsr(before_); }

  private:
    unsigned before_;
#elif defined(__aarch64__) && defined(__GNUC__)
    FlushToZero() {
        __asm__ __volatile__("mrs %0, fpcr" : "=r"(before_));
        __asm__ __volatile__("msr fpcr, %0" : : "r"(before_ | (1ull << 24)));
    }
    ~FlushToZero() { __asm__ __volatile__("msr fpcr, %0" : : "r"(before_)); }

  private:
    unsigned long long before_;
#else
    FlushToZero() {}
#endif
};

template <class T>
class Engine final : public Run<T> {
  public:
    explicit Engine(const RunSpec& spec)
        : layers_(spec.layer_count), objective_(spec.objective), optimizer_(spec.optimizer), seed_(spec.dropout_seed),
          most_threads_(spec.threads), training_(spec.training), rule_(update_rule<T>(spec.optimizer.rule)),
          output_(spec.layers[spec.layer_count - 1].outputs, spec.layers[spec.layer_count - 1].activation, spec.objective) {
        for (Index l = 0; l < layers_.size(); ++l) {
            Layer<T>& layer = layers_[l];
            layer.spec = spec.layers[l];
            layer.functions = elementwise<T>(layer.spec.activation);
            layer.keeps_slopes = layer.functions.slope_needs_z || layer.spec.dropout > 0;
            layer.flat = parameters_;
            layer.form = {layer.spec.inputs + 1, round_up(layer.spec.outputs, LANES<T>)};
            layer.turned_form = {round_up(layer.spec.outputs, LANES<T>), round_up(layer.spec.inputs, LANES<T>)};
            layer.weights = Buffer<T>(layer.form.size());
            if (training_) {
                if (l > 0) layer.turned = Buffer<T>(layer.turned_form.size());
                for (int m = 0; m < moment_count(optimizer_.rule); ++m) layer.moments[m] = Buffer<T>(layer.form.size());
            }
            parameters_ += (layer.spec.inputs + 1) * layer.spec.outputs;
            dropping_ = dropping_ || layer.spec.dropout > 0;
        }
        if (training_) make_units();
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
        job.step = step_;
        if (!job.fused) need_gradients();
        in_parallel(threads_for(6.0 * double(batch) * double(parameters_)), Training::ready, Training::work, &job);
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
        need_gradients();
        Training job{this, &rows, &course, chunk, false, true, false};
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
        for (Index u = 0; u < units_.size(); ++u) settle(units_[u], u);
        step_ = step;
    }

  private:
    enum class Stage { rows, update, gradient, finish, clip };

    // A batch: rows [first, first + count) of the order, and what they weigh.
    struct Batch {
        Index first, count;
        double weight;
        const Index* order;
        Index row(Index i) const { return order ? order[first + i] : first + i; }
        double divisor() const { return weight != 0 ? weight : 1.0; }
    };

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

    static Index blocks_of(Index rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

    int threads_for(double flops) const {
        const double wanted = flops / THREAD_FLOPS;
        return wanted < most_threads_ ? greatest(1, int(wanted)) : most_threads_;
    }

    void prepare(Workspace<T>& space, Index rows, bool training) {
        if (space.capacity < rows) space = Workspace<T>(layers_, rows, training);
    }

    void need_gradients() {
        for (Layer<T>& layer : layers_) {
            if (!layer.gradient.size()) layer.gradient = Buffer<T>(layer.form.size());
        }
    }

    void make_units() {
        Index count = 0;
        for (const Layer<T>& layer : layers_) count += layer.form.count() * ((layer.form.rows + LANES<T> - 1) / LANES<T>);
        units_ = Array<Unit>(count);
        penalties_ = Buffer<double>(count), squares_ = Buffer<double>(count);
        double work = 0;
        Index u = 0;
        for (Index l = 0; l < layers_.size(); ++l) {
            const Packed<T>& form = layers_[l].form;
            for (Index group = 0; group < form.rows; group += GROUP * PANEL<T>) {
                for (Index strip = 0; strip < form.count(); ++strip) {
                    for (Index row = group; row < least(group + GROUP * PANEL<T>, form.rows); row += LANES<T>) {
                        const Index end = least<Index>(row + LANES<T>, form.rows);
                        work += double((end - row) * form.width(strip));
                        units_[u++] = {l, strip, row, end, work};
                    }
                }
            }
        }
    }

    // The first of the units that thread `number` of `count` works on.
    Index first_unit(int number, int count) const {
        if (number == 0) return 0;
        if (number == count) return units_.size();
        const double before = units_[units_.size() - 1].work * number / count;
        Index low = 0, high = units_.size();
        while (low < high) {
            const Index middle = (low + high) / 2;
            if (units_[middle].work > before + 1e-9) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    // Copies rows [begin, end) of a chunk into the workspace, which has them from row `at` on.
    void load_rows(const Workspace<T>& space, const RowsView<T>& rows, const Batch& batch, Index from, Index begin, Index end,
                   Index at) const {
        const Index inputs = layers_[0].spec.inputs, outputs = layers_[layers_.size() - 1].spec.outputs;
        for (Index r = begin; r < end; ++r) {
            const Index row = batch.row(from + r), to = at + r;
            copy_row(space.inputs[0], to, rows.inputs + row * inputs, inputs);
            if (rows.targets) copy_row(space.output.targets, to, rows.targets + row * outputs, outputs);
            const double weight = rows.weights ? double(rows.weights[row]) : 1.0;
            space.weights[to] = weight;
            space.shares[to] = T(weight / batch.divisor());
        }
        set_ones(space.inputs[0], inputs, at + begin, at + end);
    }

    static void copy_row(const Panels<T>& to, Index row, const T* from, Index columns) {
        for (Index first = 0, panel = 0; first < columns; first += PANEL<T>, ++panel) {
            T* const piece = to.row(panel, row);
            const Index count = least<Index>(PANEL<T>, columns - first);
            for (Index i = 0; i < count; ++i) piece[i] = from[first + i];
        }
    }

    void work_on(Training& job, Index piece) {
        switch (job.stage) {
            case Stage::rows: return pass(job, piece);
            case Stage::update: return update(job, piece);
            case Stage::gradient: return add_gradient(job, piece);
            case Stage::finish: return finish_gradient(job, piece);
            case Stage::clip: return clip(job, piece);
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
                return begin(job, job.fused ? Stage::update : Stage::gradient);
            case Stage::gradient:
                if (job.last_chunk()) return begin(job, Stage::finish);
                job.chunk += job.chunk_rows;
                return begin(job, Stage::rows);
            case Stage::finish:
                if (job.only_gradient) return end(job);
                job.norm = norm_of_gradient();
                return begin(job, Stage::clip);
            case Stage::update:
            case Stage::clip: return end_step(job);
        }
    }

    void begin_step(Training& job) {
        job.batch = batch_of(*job.rows, *job.course, job.epoch, job.number);
        job.penalty_share = objective_.penalty_per_row ? 1 / job.batch.divisor() : 1.0;
        job.penalty = 0;
        if (penalised()) {
            for (double part : penalties_) job.penalty += part;
            job.penalty *= job.penalty_share;
        }
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

    Batch batch_of(const RowsView<T>& rows, const Course& course, Index epoch, Index number) const {
        const Index first = least(number * course.batch, rows.count);
        Batch batch{first, least(course.batch, rows.count - first), 0, course.orders ? course.orders + epoch * rows.count : nullptr};
        if (!rows.weights) batch.weight = double(batch.count);
        else for (Index i = 0; i < batch.count; ++i) batch.weight += double(rows.weights[batch.row(i)]);
        return batch;
    }

    // Pieces of a chunk's rows: about two a thread, so that one can help the other, but not too small.
    Index row_pieces(const Training& job) const {
        const Index count = job.chunk_count();
        if (job.threads == 1) return blocks_of(count);
        const Index rows = least(BLOCK_ROWS / 2, greatest(LEAST_ROWS, (count + 2 * job.threads - 1) / (2 * job.threads)));
        return greatest<Index>(1, (count + rows - 1) / rows);
    }

    // Forward and back for some rows of a chunk.
    void pass(Training& job, Index piece) {
        const Workspace<T>& space = train_space_;
        const Index count = job.chunk_count(), begin = begin_of(piece, job.pieces, count), end = begin_of(piece + 1, job.pieces, count);
        if (begin == end) return;
        if (!job.resident || job.epoch == 0) load_rows(space, *job.rows, job.batch, job.chunk, begin, end, 0);
        forward(layers_, space, begin, end, Dropping{dropping_ && !job.only_gradient, seed_, job.step, job.chunk}, true);
        output_.measure(space.output, begin, end, true);
        backward(layers_, space, begin, end);
    }

    bool penalised() const { return objective_.l1 != 0 || objective_.l2 != 0; }

    Index unit_pieces(const Training& job) const { return job.threads == 1 ? 1 : least<Index>(4 * job.threads, units_.size()); }

    // Calls visit(first unit, last unit + 1) for the units of a piece, in runs that lie side by side in one
    // strip of weights and one panel of inputs.
    template <class F>
    void each_run_of(const Training& job, Index piece, const F& visit) const {
        const Index end = first_unit(piece + 1, job.pieces);
        for (Index u = first_unit(piece, job.pieces); u < end;) {
            const Unit& first = units_[u];
            Index next = u + 1;
            while (next < end && units_[next].layer == first.layer && units_[next].strip == first.strip &&
                   units_[next].begin % PANEL<T> != 0) {
                ++next;
            }
            visit(u, next);
            u = next;
        }
    }

    // The gradient and the update, where nothing needs the whole gradient at once.
    void update(Training& job, Index piece) {
        alignas(64) T gradient[PANEL<T> * NARROW<T>];
        each_run_of(job, piece, [&](Index u, Index next) {
            const Index l = units_[u].layer, begin = units_[u].begin, end = units_[next - 1].end;
            const Layer<T>& layer = layers_[l];
            const Index offset = layer.form.offset(units_[u].strip, begin);
            Ahead weights, moments[2];
            if (layer.weights.size() > FAR) {
                const Index bytes = (end - begin) * layer.form.width(units_[u].strip) * Index(sizeof(T));
                weights = Ahead(layer.weights.data() + offset, bytes, 8);
                for (int m = 0; m < moment_count(optimizer_.rule); ++m) moments[m] = Ahead(layer.moment(m, offset), bytes, 8);
            }
            weight_gradient(layer, train_space_.inputs[l], train_space_.deltas[l], units_[u].strip, begin, end, job.batch.count, gradient,
                            false, [&] { weights.portion(), moments[0].portion(), moments[1].portion(); });
            add_penalty_gradient(u, next, gradient, job.penalty_share);
            apply(u, next, gradient, job.constants);
        });
    }

    void add_gradient(Training& job, Index piece) {
        each_run_of(job, piece, [&](Index u, Index next) {
            const Index l = units_[u].layer, begin = units_[u].begin, end = units_[next - 1].end;
            const Layer<T>& layer = layers_[l];
            weight_gradient(layer, train_space_.inputs[l], train_space_.deltas[l], units_[u].strip, begin, end, job.chunk_count(),
                            layer.gradient.data() + layer.form.offset(units_[u].strip, begin), job.chunk > 0, [] {});
        });
    }

    // The gradient in memory gets that of the penalties, and its squares are summed.
    void finish_gradient(Training& job, Index piece) {
        each_run_of(job, piece, [&](Index u, Index next) {
            const Layer<T>& layer = layers_[units_[u].layer];
            add_penalty_gradient(u, next, layer.gradient.data() + layer.form.offset(units_[u].strip, units_[u].begin), job.penalty_share);
            for (Index i = u; i < next; ++i) squares_[i] = squares_of(units_[i], layer.gradient.data());
        });
    }

    double norm_of_gradient() const {
        double squares = 0;
        for (double part : squares_) squares += part;
        return ::sqrt(squares);
    }

    void clip(Training& job, Index piece) {
        const Vec<T> factor = broadcast<T>(T(optimizer_.max_norm / job.norm));
        each_run_of(job, piece, [&](Index u, Index next) {
            const Layer<T>& layer = layers_[units_[u].layer];
            T* const gradient = layer.gradient.data() + layer.form.offset(units_[u].strip, units_[u].begin);
            if (job.norm > optimizer_.max_norm) {
                const Index count = (units_[next - 1].end - units_[u].begin) * layer.form.width(units_[u].strip);
                for (Index i = 0; i < count; i += LANES<T>) store(gradient + i, load(gradient + i) * factor);
            }
            apply(u, next, gradient, job.constants);
        });
    }

    double squares_of(const Unit& unit, const T* numbers) const {
        const Packed<T>& form = layers_[unit.layer].form;
        const Index start = form.offset(unit.strip, unit.begin), count = (unit.end - unit.begin) * form.width(unit.strip);
        Sum64<T> sum;
        for (Index i = 0; i < count; i += LANES<T>) {
            const Vec<T> x = load(numbers + start + i);
            sum.add(x * x);
        }
        return sum.total();
    }

    void add_penalty_gradient(Index u, Index next, T* gradient, double share) const {
        if (!penalised()) return;
        const Layer<T>& layer = layers_[units_[u].layer];
        const Index begin = units_[u].begin, end = least(units_[next - 1].end, layer.spec.inputs);  // not the biases
        const T* const weights = layer.weights.data() + layer.form.offset(units_[u].strip, begin);
        const Vec<T> l1 = broadcast<T>(T(share * objective_.l1)), l2 = broadcast<T>(T(share * objective_.l2));
        for (Index i = 0; i < (end - begin) * layer.form.width(units_[u].strip); i += LANES<T>) {
            const Vec<T> w = load(weights + i);
            const Vec<T> sign = select(w > zero<T>(), l1, select(w < zero<T>(), -l1, zero<T>()));
            store(gradient + i, (load(gradient + i) + sign) + l2 * w);
        }
    }

    // Updates the units [u, next), whose gradient lies from `gradient` on.
    void apply(Index u, Index next, const T* gradient, const StepConstants<T>& constants) {
        Layer<T>& layer = layers_[units_[u].layer];
        const Index begin = units_[u].begin, end = units_[next - 1].end, strip = units_[u].strip;
        const Index offset = layer.form.offset(strip, begin);
        rule_(layer.weights.data() + offset, gradient, layer.moment(0, offset), layer.moment(1, offset),
              (end - begin) * layer.form.width(strip), constants);
        if (units_[u].layer > 0) {
            turn(layer.form, layer.weights.data(), strip, begin, end, layer.spec.inputs, layer.turned_form, layer.turned.data());
        }
        if (penalised()) {
            for (Index i = u; i < next; ++i) penalties_[i] = penalty_of(units_[i]);
        }
    }

    // Brings what follows from a unit's weights up to date.
    void settle(const Unit& unit, Index number) {
        Layer<T>& layer = layers_[unit.layer];
        if (unit.layer > 0) {
            turn(layer.form, layer.weights.data(), unit.strip, unit.begin, unit.end, layer.spec.inputs, layer.turned_form, layer.turned.data());
        }
        penalties_[number] = penalty_of(unit);
    }

    double penalty_of(const Unit& unit) const {
        const Layer<T>& layer = layers_[unit.layer];
        const Index start = layer.form.offset(unit.strip, unit.begin);
        const Index count = (least(unit.end, layer.spec.inputs) - unit.begin) * layer.form.width(unit.strip);
        Sum64<T> sizes, squares;
        for (Index i = 0; i < count; i += LANES<T>) {
            const Vec<T> w = load(layer.weights.data() + start + i);
            sizes.add(absolute<T>(w));
            squares.add(w * w);
        }
        return (objective_.l1 != 0 ? objective_.l1 * sizes.total() : 0) + (objective_.l2 != 0 ? objective_.l2 / 2 * squares.total() : 0);
    }

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
        load_rows(space, job.rows, batch, 0, 0, count, at);
        forward(layers_, space, at, at + count, Dropping{false, 0, 0, 0}, false);
        if (!job.outputs) {
            output_.measure(space.output, at, at + count, false);
            double loss = 0;
            for (Index r = at; r < at + count; ++r) loss += space.losses[r] * space.weights[r];
            job.losses[block] = loss;
            return;
        }
        output_.activate(space.output, at, at + count);
        const Index width = layers_[layers_.size() - 1].spec.outputs;
        for (Index r = 0; r < count; ++r) {
            T* const to = job.outputs + (first + r) * width;
            for (Index column = 0, panel = 0; column < width; column += PANEL<T>, ++panel) {
                const T* const from = space.output.a.row(panel, at + r);
                for (Index i = 0; i < least<Index>(PANEL<T>, width - column); ++i) to[column + i] = from[i];
            }
        }
    }

    Array<Layer<T>> layers_;
    const ObjectiveSpec objective_;
    const OptimizerSpec optimizer_;
    const std::uint64_t seed_;
    const int most_threads_;
    const bool training_;
    const UpdateRule<T> rule_;
    const OutputLayer<T> output_;
    bool dropping_ = false;
    Index parameters_ = 0, step_ = 0;
    Array<Unit> units_;
    Buffer<double> penalties_, squares_;
    Workspace<T> train_space_, measure_space_;
};

}  // namespace glassnet::GLASSNET_TARGET
