// Threads that wait for work: spinning for a moment, then asleep.
#pragma once

#include <atomic>

namespace glassnet {

// Threads meet here; nobody goes on before all have come.
class Barrier {
  public:
    explicit Barrier(int parties, bool spin) : parties_(parties), spin_(spin) {}
    void wait();

  private:
    const int parties_;
    const bool spin_;
    alignas(64) std::atomic<int> arrived_{0};
    alignas(64) std::atomic<unsigned> generation_{0};
};

using Task = void (*)(void* context, int thread, int threads, Barrier& barrier);

// Calls `task` on up to `threads` threads at once, the calling one among them, and returns when all are
// done. Where the pool is busy with another run, the calling thread does the work alone.
void in_parallel(int threads, Task task, void* context);

// How many processors this process may use (affinity), or what GLASSNET_THREADS says.
int default_threads();

}  // namespace glassnet
