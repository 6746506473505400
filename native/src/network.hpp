// The network of a run: its layers, and what is done with their outputs and their weights.
#pragma once

#include "batch.hpp"
#include "narrow.hpp"
#include "pool.hpp"

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

    int threads_for(double flops) const {
        const double wanted = flops * double(sizeof(T)) / (sizeof(float) * THREAD_FLOPS);
        return wanted < most_threads ? greatest(1, int(wanted)) : most_threads;
    }
};

inline Index blocks_of(Index rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

// Work in stages, for `in_parallel`: a J has `begin(threads)`, `pieces()`, `work_on(piece, thread)` and
// `advance()`, which the thread that finished a stage calls; it returns whether there is another one.
template <class J>
class InStages {
  public:
    explicit InStages(J& job) : job_(job) {}
    InStages(const InStages&) = delete;
    ~InStages() { delete stages_; }

    void run(int threads) { in_parallel(threads, ready, work, this); }

  private:
    static void ready(void* context, int threads, bool spin) {
        InStages& self = *static_cast<InStages*>(context);
        if (threads > 1) self.stages_ = new Stages(threads, spin);
        self.job_.begin(threads);
        if (self.stages_) self.stages_->offer(self.job_.pieces());
    }

    static void work(void* context, int thread) {
        const FlushToZero flush;
        InStages& self = *static_cast<InStages*>(context);
        J& job = self.job_;
        Stages* const stages = self.stages_;
        if (!stages) {
            do {
                for (Index piece = 0; piece < job.pieces(); ++piece) job.work_on(piece, 0);
            } while (job.advance());
            return;
        }
        for (int piece; (piece = stages->take(thread)) != Stages::OVER;) {
            job.work_on(piece, thread);
            if (!stages->finish()) continue;
            if (job.advance()) stages->offer(job.pieces());
            else stages->close();
        }
    }

    J& job_;
    Stages* stages_ = nullptr;  // where there are several threads
};

}  // namespace glassnet::GLASSNET_TARGET
