#include "pool.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <sched.h>
#include <unistd.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
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
    // A container may see all processors and yet get the time of a few.
    static const int quota = std::min(processors_of_quota("/sys/fs/cgroup/cpu.max", nullptr),
                                      processors_of_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, std::min(quota, CPU_COUNT(&set)));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace {

constexpr int SPINS = 1500;  // some 50 to 100 microseconds of pauses

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ __volatile__("isb");
#endif
}

long process() {
#if defined(_WIN32)
    return 0;
#else
    return getpid();
#endif
}

struct Job {
    Task task;
    void* context;
};

class Worker {
  public:
    explicit Worker(int number) : number_(number) { std::thread([this] { live(); }).detach(); }

    void start(const Job* job) {
        busy_.store(true, std::memory_order_relaxed);
        job_ = job;
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
    [[noreturn]] void live() {
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

    const int number_;
    const Job* job_ = nullptr;
    std::atomic<unsigned> ticket_{0};
    std::atomic<bool> busy_{false}, asleep_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
};

struct Pool {
    const long owner = process();
    std::mutex in_use;
    std::deque<Worker*> workers;  // live as long as the process

    // As many threads as there can be, up to `wanted`, the calling one among them.
    int gather(int wanted) {
        try {
            while (static_cast<int>(workers.size()) < wanted - 1) {
                workers.push_back(new Worker(static_cast<int>(workers.size()) + 1));
            }
        } catch (const std::system_error&) {  // the system gives no more threads
        }
        return std::min(wanted, static_cast<int>(workers.size()) + 1);
    }
};

// A child process has none of its parent's threads, so it makes a pool of its own and leaves the
// parent's where it lies.
std::atomic<Pool*> shared{nullptr};

Pool& pool() {
    Pool* current = shared.load(std::memory_order_acquire);
    while (current == nullptr || current->owner != process()) {
        Pool* fresh = new Pool;
        if (shared.compare_exchange_strong(current, fresh)) return *fresh;
        delete fresh;
    }
    return *current;
}

}  // namespace

Stages::Stages(int threads, bool spin) : queues_(static_cast<std::size_t>(threads)), spin_(spin) {}
Stages::~Stages() = default;

void Stages::offer(Index pieces) {
    const std::uint64_t stage = (stage_.load(std::memory_order_relaxed) + 1) & 0xFFFFFF;
    left_.store(pieces, std::memory_order_relaxed);
    const Index threads = static_cast<Index>(queues_.size());
    for (Index q = 0; q < threads; ++q) {
        const std::uint64_t begin = static_cast<std::uint64_t>(pieces * q / threads);
        const std::uint64_t end = static_cast<std::uint64_t>(pieces * (q + 1) / threads);
        queues_[q].word.store(stage << 40 | begin << 20 | end, std::memory_order_release);
    }
    stage_.store(stage, std::memory_order_release);
}

void Stages::close() { over_.store(true, std::memory_order_release); }

int Stages::take_from(Queue& queue, std::uint64_t stage) {
    std::uint64_t word = queue.word.load(std::memory_order_acquire);
    while (word >> 40 == stage) {
        const std::uint64_t next = word >> 20 & 0xFFFFF, end = word & 0xFFFFF;
        if (next >= end) break;
        if (queue.word.compare_exchange_weak(word, word + (1 << 20), std::memory_order_acq_rel)) return static_cast<int>(next);
    }
    return OVER;
}

int Stages::take(int thread) {
    const int threads = static_cast<int>(queues_.size());
    for (int spin = 0; !over_.load(std::memory_order_acquire);) {
        const std::uint64_t stage = stage_.load(std::memory_order_acquire);
        for (int q = 0; q < threads; ++q) {
            const int piece = take_from(queues_[(thread + q) % threads], stage);
            if (piece != OVER) return piece;
        }
        for (; stage_.load(std::memory_order_acquire) == stage && !over_.load(std::memory_order_acquire); ++spin) {
            if (spin_ && spin < SPINS) pause();
            else std::this_thread::yield();
        }
    }
    return OVER;
}

bool Stages::finish() { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

void in_parallel(int threads, void (*ready)(void* context, int threads, bool spin), Task task, void* context) {
    if (threads > 1) {
        Pool& crew = pool();
        std::unique_lock<std::mutex> lock(crew.in_use, std::try_to_lock);
        if (lock.owns_lock()) {
            threads = crew.gather(threads);
            ready(context, threads, threads <= processors());
            const Job job{task, context};
            for (int n = 0; n < threads - 1; ++n) crew.workers[n]->start(&job);
            task(context, 0);
            for (int n = 0; n < threads - 1; ++n) crew.workers[n]->await();
            return;
        }
    }
    ready(context, 1, false);
    task(context, 0);
}

}  // namespace glassnet
