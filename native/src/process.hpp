// Forked processes. A fork copies the memory, but only the thread that forks: what other threads had locked stays locked
// in the copy, and what they were changing stays half changed.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

namespace glassnet {

// How many forks lie between the process that loaded this module and this one.
unsigned forks();

// A mutex that a forked process can lock, whatever another thread did when the process was forked.
class ProcessMutex {
  public:
    ProcessMutex();
    ProcessMutex(const ProcessMutex&) = delete;
    ~ProcessMutex();

    void lock();  // throws std::logic_error if this thread has locked it already
    bool try_lock();
    void unlock();

    // For the thread that has locked it: whether a thread that this process does not have had locked it before. Says so
    // once: that thread did not finish what it was doing.
    bool was_abandoned();

  private:
    struct State;
    bool renew(State*& current);
    void own(State& state);

    std::atomic<State*> state_;
};

}  // namespace glassnet
