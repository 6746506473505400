// Threads that wait for work: spinning for a moment, then asleep.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "spec.hpp"

namespace glassnet {

// Stages of work, each in pieces, which threads do together: a thread takes pieces from its own share
// first and from the others' when that is used up. So nobody waits for a thread that the system has put
// aside, unless it was put aside in the middle of a piece.
//
// Whoever finishes the last piece of a stage is alone until it offers the next stage or closes.
class Stages {
  public:
    static constexpr int OVER = -1;

    static constexpr Index MOST = (1 << 20) - 1;  // pieces of a stage

    Stages(int threads, bool spin);
    ~Stages();

    void offer(Index pieces);
    void close();
    int take(int thread);  // a piece, as soon as there is one; OVER after close
    bool finish();         // a piece is done; whether it was the last of its stage

  private:
    // The stage's number (24 bits), the next piece and the end of the share (20 bits each), in one word, so
    // that a thread that comes late cannot take a piece of a stage that it knows nothing of.
    struct alignas(64) Queue {
        std::atomic<std::uint64_t> word{0};
    };
    static int take_from(Queue& queue, std::uint64_t stage);

    std::vector<Queue> queues_;
    const bool spin_;
    alignas(64) std::atomic<std::uint64_t> stage_{0};
    alignas(64) std::atomic<Index> left_{0};
    std::atomic<bool> over_{false};
};

using Task = void (*)(void* context, int thread);

// Calls `task` on `threads` threads at once, the calling one among them, and returns when all are done.
// `ready(context, threads)` is called first, with the number of threads that there will be: where the pool is
// busy with another run, the calling thread does the work alone.
void in_parallel(int threads, void (*ready)(void* context, int threads, bool spin), Task task, void* context);

// How many processors this process may use: affinity, and the quota of its control group.
int processors();

// The processors whose time a control group gets, rounded up, from its files: quota and period, in one file or in
// two. The greatest int where there is no limit or no such file.
int processors_of_quota(const char* quota_file, const char* period_file);

}  // namespace glassnet
