// How a job that goes in stages is done on one thread or on several.
#pragma once

#include "pool.hpp"
#include "simd.hpp"

namespace glassnet::GLASSNET_TARGET {

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
