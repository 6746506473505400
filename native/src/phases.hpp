// Runs a job that consists of phases on one thread or on several.
#pragma once

#include "pool.hpp"
#include "simd.hpp"

namespace glassnet::GLASSNET_ISA {

// A job J has `begin(threads)`, `pieces()` (of the current phase), `work_on(piece, thread)`, `advance()` and
// `interruption()`. The thread that finishes the last piece of a phase calls advance(), which returns whether there is
// another phase.
template <class J>
class PhasedJob {
  public:
    explicit PhasedJob(J& job) : job_(job) {}
    PhasedJob(const PhasedJob&) = delete;
    ~PhasedJob() { delete queue_; }

    void run(int threads) { in_parallel(threads, ready, work, this); }

  private:
    static void ready(void* context, int threads, bool spin) {
        PhasedJob& self = *static_cast<PhasedJob*>(context);
        if (threads > 1) self.queue_ = new PhaseQueue(threads, spin, self.job_.interruption());
        self.job_.begin(threads);
        if (self.queue_) self.queue_->open(self.job_.pieces());
    }

    static void work(void* context, int thread) {
        const FlushToZero flush;
        PhasedJob& self = *static_cast<PhasedJob*>(context);
        J& job = self.job_;
        PhaseQueue* const queue = self.queue_;
        if (!queue) {
            do {
                for (Index piece = 0; piece < job.pieces(); ++piece) job.work_on(piece, 0);
            } while (job.advance());
            return;
        }
        for (int piece; (piece = queue->take(thread)) != PhaseQueue::CLOSED;) {
            job.work_on(piece, thread);
            if (!queue->finish()) continue;
            if (job.advance()) queue->open(job.pieces());
            else queue->close();
        }
    }

    J& job_;
    PhaseQueue* queue_ = nullptr;  // where there are several threads
};

}  // namespace glassnet::GLASSNET_ISA
