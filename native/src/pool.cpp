#include "pool.hpp"

#include "process.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <limits>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <sched.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#endif

namespace glassnet {

int processors_of_quota(const char* quota_file, const char* period_file) {
    double quota = -1, period = 0;
    std::ifstream file(quota_file);
    file >> quota;
    if (period_file) file = std::ifstream(period_file);
    file >> period;
    if (!file || quota <= 0 || period <= 0) return std::numeric_limits<int>::max();
    return static_cast<int>(std::min(std::ceil(quota / period), 1e6));
}

int processors() {
#if defined(__linux__)
    // A container may see all processors and still have a quota of only a few.
    static const int quota = std::min(processors_of_quota("/sys/fs/cgroup/cpu.max", nullptr),
                                      processors_of_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, std::min(quota, CPU_COUNT(&set)));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace {

constexpr int SPINS = 1500;  // 50 to 100 microseconds of pauses

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ __volatile__("isb");
#endif
}

struct Job {
    Task task;
    void* context;
};

class Worker {
  public:
    Worker() { std::thread([this] { loop(); }).detach(); }

    void start(const Job* job, int number) {
        busy_.store(true, std::memory_order_relaxed);
        job_ = job;
        number_ = number;
        ticket_.fetch_add(1, std::memory_order_seq_cst);
        if (asleep_.load(std::memory_order_seq_cst)) {
            std::lock_guard<std::mutex> lock(mutex_);
            wake_.notify_one();
        }
    }

    void await() {
        for (int spin = 0; busy_.load(std::memory_order_acquire); ++spin) {
            if (spin < SPINS) pause();
            else std::this_thread::yield();
        }
    }

  private:
    [[noreturn]] void loop() {
        unsigned done = 0;
        while (true) {
            for (int spin = 0; spin < SPINS && ticket_.load(std::memory_order_acquire) == done; ++spin) pause();
            if (ticket_.load(std::memory_order_acquire) == done) {
                std::unique_lock<std::mutex> lock(mutex_);
                asleep_.store(true, std::memory_order_seq_cst);
                wake_.wait(lock, [&] { return ticket_.load(std::memory_order_seq_cst) != done; });
                asleep_.store(false, std::memory_order_relaxed);
            }
            ++done;
            job_->task(job_->context, number_);
            busy_.store(false, std::memory_order_release);
        }
    }

    const Job* job_ = nullptr;
    int number_ = 0;  // among the threads of the job
    std::atomic<unsigned> ticket_{0};
    std::atomic<bool> busy_{false}, asleep_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
};

struct Pool {
    const unsigned owner = forks();
    std::atomic<int> jobs{0};

    // Takes up to `wanted` workers out of the pool, and starts those that are missing: fewer if the system allows no more.
    std::vector<Worker*> take(int wanted) {
        std::vector<Worker*> taken;
        taken.reserve(static_cast<std::size_t>(wanted));
        std::lock_guard<std::mutex> lock(mutex_);
        try {
            while (static_cast<int>(taken.size()) < wanted) {
                if (idle_.empty()) start();
                taken.push_back(idle_.back());
                idle_.pop_back();
            }
        } catch (const std::system_error&) {
        } catch (const std::bad_alloc&) {
        }
        return taken;
    }

    void give_back(const std::vector<Worker*>& taken) {
        std::lock_guard<std::mutex> lock(mutex_);
        idle_.insert(idle_.end(), taken.begin(), taken.end());
    }

  private:
    void start() {
        idle_.reserve(started_ + 1);  // so that there is memory to give all back
        idle_.push_back(new Worker);
        ++started_;
    }

    std::mutex mutex_;
    std::size_t started_ = 0;
    std::vector<Worker*> idle_;  // workers are never deleted
};

// A job that runs.
struct Counted {
    explicit Counted(std::atomic<int>& counter) : counter_(counter), jobs(counter.fetch_add(1) + 1) {}
    Counted(const Counted&) = delete;
    ~Counted() { counter_.fetch_sub(1); }

    std::atomic<int>& counter_;
    const int jobs;  // with this one
};

// The workers of a job.
struct Taken {
    Taken(Pool& pool, int wanted) : pool_(pool), workers(pool.take(wanted)) {}
    Taken(const Taken&) = delete;
    ~Taken() { pool_.give_back(workers); }

    Pool& pool_;
    const std::vector<Worker*> workers;
};

// A forked process has none of its parent's threads, so it creates a pool of its own and leaves the parent's alone.
std::atomic<Pool*> current_pool{nullptr};

Pool& pool() {
    Pool* current = current_pool.load(std::memory_order_acquire);
    while (current == nullptr || current->owner != forks()) {
        Pool* fresh = new Pool;
        if (current_pool.compare_exchange_strong(current, fresh)) return *fresh;
        delete fresh;
    }
    return *current;
}

}  // namespace

PhaseQueue::PhaseQueue(int threads, bool spin, Interruption& interruption)
    : shares_(static_cast<std::size_t>(threads)), spin_(spin), interruption_(interruption) {}
PhaseQueue::~PhaseQueue() = default;

void PhaseQueue::open(Index pieces) {
    const std::uint64_t phase = (phase_.load(std::memory_order_relaxed) + 1) & 0xFFFFFF;
    left_.store(pieces, std::memory_order_relaxed);
    const Index threads = static_cast<Index>(shares_.size());
    for (Index t = 0; t < threads; ++t) {
        const std::uint64_t begin = static_cast<std::uint64_t>(pieces * t / threads);
        const std::uint64_t end = static_cast<std::uint64_t>(pieces * (t + 1) / threads);
        shares_[t].word.store(phase << 40 | begin << 20 | end, std::memory_order_release);
    }
    phase_.store(phase, std::memory_order_release);
}

void PhaseQueue::close() { closed_.store(true, std::memory_order_release); }

int PhaseQueue::take_from(Share& share, std::uint64_t phase) {
    std::uint64_t word = share.word.load(std::memory_order_acquire);
    while (word >> 40 == phase) {
        const std::uint64_t next = word >> 20 & 0xFFFFF, end = word & 0xFFFFF;
        if (next >= end) break;
        if (share.word.compare_exchange_weak(word, word + (1 << 20), std::memory_order_acq_rel)) return static_cast<int>(next);
    }
    return CLOSED;
}

int PhaseQueue::take(int thread) {
    const int threads = static_cast<int>(shares_.size());
    for (int spin = 0; !closed_.load(std::memory_order_acquire);) {
        const std::uint64_t phase = phase_.load(std::memory_order_acquire);
        for (int t = 0; t < threads; ++t) {
            const int piece = take_from(shares_[(thread + t) % threads], phase);
            if (piece != CLOSED) return piece;
        }
        for (; phase_.load(std::memory_order_acquire) == phase && !closed_.load(std::memory_order_acquire); ++spin) {
            if (thread == 0) interruption_.requested();  // the calling thread still asks while it waits
            if (spin_ && spin < SPINS) pause();
            else std::this_thread::yield();
        }
    }
    return CLOSED;
}

bool PhaseQueue::finish() { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

void in_parallel(int threads, void (*ready)(void* context, int threads, bool spin), Task task, void* context) {
    Pool& shared = pool();
    const Counted counted(shared.jobs);
    if (counted.jobs > 1) threads = std::min(threads, std::max(1, processors() / counted.jobs));
    if (threads == 1) {
        ready(context, 1, false);
        task(context, 0);
        return;
    }
    const Taken taken(shared, threads - 1);
    threads = static_cast<int>(taken.workers.size()) + 1;
    ready(context, threads, threads <= processors());
    const Job job{task, context};
    for (int n = 1; n < threads; ++n) taken.workers[n - 1]->start(&job, n);
    task(context, 0);
    for (Worker* worker : taken.workers) worker->await();
}

}  // namespace glassnet
