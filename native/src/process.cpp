#include "process.hpp"

#include <stdexcept>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace glassnet {

namespace {

std::atomic<unsigned> fork_count{0};

#if !defined(_WIN32)
const int registered = pthread_atfork(nullptr, nullptr, [] { fork_count.fetch_add(1, std::memory_order_relaxed); });
#endif

}  // namespace

unsigned forks() { return fork_count.load(std::memory_order_relaxed); }

struct ProcessMutex::State {
    const unsigned process = forks();
    std::mutex mutex;
    std::atomic<bool> locked{false};
    std::atomic<std::thread::id> owner{};
    bool abandoned = false;
};

ProcessMutex::ProcessMutex() : state_(new State) {}
ProcessMutex::~ProcessMutex() { delete state_.load(); }

// In a process that has been forked since, puts a new state, which this thread has locked, in the place of the current
// one, unless another thread was first. The old state stays in memory: other threads may be looking at it.
bool ProcessMutex::renew(State*& current) {
    while (current->process != forks()) {
        State* const fresh = new State;
        fresh->mutex.lock();
        fresh->abandoned = current->locked.load() || current->abandoned;
        own(*fresh);
        if (state_.compare_exchange_strong(current, fresh)) return true;
        fresh->mutex.unlock();
        delete fresh;
    }
    return false;
}

void ProcessMutex::own(State& state) {
    state.owner.store(std::this_thread::get_id(), std::memory_order_relaxed);
    state.locked.store(true, std::memory_order_relaxed);
}

void ProcessMutex::lock() {
    State* current = state_.load();
    if (renew(current)) return;
    if (current->locked.load(std::memory_order_relaxed) && current->owner.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
        throw std::logic_error("this thread is using this network already; a signal handler cannot use it meanwhile");
    }
    current->mutex.lock();
    own(*current);
}

bool ProcessMutex::try_lock() {
    State* current = state_.load();
    if (renew(current)) return true;
    if (!current->mutex.try_lock()) return false;
    own(*current);
    return true;
}

void ProcessMutex::unlock() {
    State* const current = state_.load();
    current->locked.store(false, std::memory_order_relaxed);
    current->mutex.unlock();
}

bool ProcessMutex::was_abandoned() {
    State* const current = state_.load();
    const bool abandoned = current->abandoned;
    current->abandoned = false;
    return abandoned;
}

}  // namespace glassnet
