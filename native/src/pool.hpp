// Threads that wait for work: spinning for a moment, then sleeping.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "spec.hpp"

namespace glassnet {

// Work in phases, each divided into pieces. A thread takes the pieces of its own share first, and then those of the
// other threads. So no thread waits for one that the system has suspended, unless it was suspended during a piece.
//
// The thread that finishes the last piece of a phase runs alone until it opens the next phase or closes the queue.
class PhaseQueue {
  public:
    static constexpr int CLOSED = -1;
    static constexpr Index MOST = (1 << 20) - 1;  // pieces of a phase

    PhaseQueue(int threads, bool spin, Interruption& interruption);
    ~PhaseQueue();

    void open(Index pieces);
    void close();
    int take(int thread);  // waits for a piece; returns CLOSED after close()
    bool finish();         // reports that a piece is done; returns whether it was the last of its phase

  private:
    // The number of the phase (24 bits), the next piece and the end of the share (20 bits each) in one word, so that a
    // late thread cannot take a piece of a phase other than the one it has seen.
    struct alignas(64) Share {
        std::atomic<std::uint64_t> word{0};
    };
    static int take_from(Share& share, std::uint64_t phase);

    std::vector<Share> shares_;
    const bool spin_;
    Interruption& interruption_;
    alignas(64) std::atomic<std::uint64_t> phase_{0};
    alignas(64) std::atomic<Index> left_{0};
    std::atomic<bool> closed_{false};
};

using Task = void (*)(void* context, int thread);

// Calls `task` on `threads` threads at once, including the calling thread, and returns when all have finished.
// Calls `ready(context, threads, spin)` first, with the number of threads there will be: fewer if the system allows no more,
// and if other jobs run in this process: then each that starts gets an equal share of the processors.
void in_parallel(int threads, void (*ready)(void* context, int threads, bool spin), Task task, void* context);

// The number of processors that this process may use, by its affinity and the quota of its control group.
int processors();

// The quota of a control group in processors, rounded up, from its files: quota and period, in one file or in two.
// The greatest int if there is no limit or no such file.
int processors_of_quota(const char* quota_file, const char* period_file);

}  // namespace glassnet
