// Whole runs, through the interface that the binding uses, on every instruction set of this processor: compared with a
// plain backward pass, and the same to the bit on 1, 2 and 3 threads and while other runs work.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "instruction_sets.hpp"
#include "pool.hpp"
#include "process.hpp"

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace glassnet;

namespace {

template <class T>
std::unique_ptr<Run<T>> open(const InstructionSet& set, const RunSpec& spec) {
    if constexpr (sizeof(T) == 4) return std::unique_ptr<Run<T>>(set.open_float(spec));
    else return std::unique_ptr<Run<T>>(set.open_double(spec));
}

template <class T>
struct Problem {
    std::vector<LayerSpec> layers;
    Index rows, batch;
    std::vector<T> inputs, targets, weights, parameters;
    std::vector<Index> orders, starts;  // starts: where the entries of each row of sparse inputs begin
    std::vector<T> entries;
    std::vector<std::int32_t> columns;
    double l2, max_norm;
    Loss loss = Loss::squared_error;

    Problem(const std::vector<Index>& widths, Index rows_, Index batch_, double dropout, double l2_, double max_norm_)
        : rows(rows_), batch(batch_), l2(l2_), max_norm(max_norm_) {
        Index count = 0;
        for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
            const bool last = l + 2 == widths.size();
            layers.push_back({widths[l], widths[l + 1], last ? Activation::identity : Activation::tanh, last ? 0 : dropout});
            count += (widths[l] + 1) * widths[l + 1];
        }
        for (auto [numbers, size] : {std::pair{&inputs, rows * widths.front()}, {&targets, rows * widths.back()},
                                     {&weights, rows}, {&parameters, count}}) {
            for (Index i = 0; i < size; ++i) numbers->push_back(random_number<T>());
        }
        for (T& weight : weights) weight = std::abs(weight);
        for (T& parameter : parameters) parameter /= T(4);
        for (Index epoch = 0; epoch < 2; ++epoch) {
            for (Index r = 0; r < rows; ++r) orders.push_back(epoch ? rows - 1 - r : (r * 7) % rows);
        }
        if (rows % 7 == 0) orders.assign(orders.size(), 0);
    }

    RunSpec spec(Optimizer optimizer, int threads) const {
        return {layers.data(), Index(layers.size()), {loss, 0, 0, l2, HUGE_VAL, false},
                {optimizer, 0.9, 0.999, 1e-8, 0, max_norm}, 99, threads, true};
    }
    RowsView<T> view() const {
        RowsView<T> all{starts.empty() ? inputs.data() : nullptr, targets.data(), weights.data(), rows};
        if (!starts.empty()) all.sparse_inputs = {entries.data(), columns.data(), starts.data()};
        return all;
    }

    // The same with most inputs 0, in sparse form.
    Problem sparse() const {
        Problem result = *this;
        result.starts.push_back(0);
        for (Index r = 0; r < rows; ++r) {
            for (Index i = 0; i < layers[0].inputs; ++i) {
                T& input = result.inputs[std::size_t(r * layers[0].inputs + i)];
                if (random_between(0, 4) > 0) input = 0;
                else result.entries.push_back(input), result.columns.push_back(std::int32_t(i));
            }
            result.starts.push_back(Index(result.entries.size()));
        }
        result.entries.shrink_to_fit(), result.columns.shrink_to_fit();  // so that the sanitizer finds reads beyond their end
        return result;
    }
};

struct Result {
    std::vector<double> losses;
    std::vector<double> parameters;
    bool operator==(const Result& other) const { return losses == other.losses && parameters == other.parameters; }
};

template <class T>
Result train(const InstructionSet& set, const Problem<T>& problem, Optimizer optimizer, int threads) {
    const auto run = open<T>(set, problem.spec(optimizer, threads));
    const std::size_t size = problem.parameters.size();
    std::vector<T> moments(2 * size), parameters(size);
    run->write(problem.parameters.data(), moments.data(), 0);
    const Index steps = (problem.rows + problem.batch - 1) / problem.batch;
    const std::vector<double> rates(std::size_t(2 * steps), 0.05);
    Result result{std::vector<double>(2), {}};
    std::vector<double> penalties(2);
    Interruption never;
    const EpochsResult done = run->epochs(problem.view(), {problem.batch, 2, steps, rates.data(), problem.orders.data(),
                                                           result.losses.data(), penalties.data()}, never);
    CHECK(done.finished == 2 && done.diverged_at == 0, "diverged at %ld", long(done.diverged_at));
    CHECK(run->read(parameters.data(), moments.data()) == 2 * steps, "steps");
    result.parameters.assign(parameters.begin(), parameters.end());
    std::vector<T> outputs(problem.targets.size());
    RowsView<T> rows = problem.view();
    rows.targets = nullptr, rows.weights = nullptr;
    run->predict(rows, outputs.data(), never);
    result.losses.push_back(run->evaluate(problem.view(), nullptr, nullptr, never));
    result.losses.push_back(run->gradients(problem.view(), parameters.data(), never));
    for (T x : outputs) result.parameters.push_back(x);
    for (T x : parameters) result.parameters.push_back(x);
    return result;
}

// The gradient of the weighted mean of ½ (a - y)² and of the penalty, by plain loops.
template <class T>
std::vector<double> plain_gradient(const Problem<T>& p) {
    std::vector<double> gradient(p.parameters.size());
    double total = 0;
    for (T weight : p.weights) total += double(weight);
    for (Index r = 0; r < p.rows; ++r) {
        std::vector<std::vector<double>> a{{}};
        for (Index i = 0; i < p.layers[0].inputs; ++i) a[0].push_back(double(p.inputs[std::size_t(r * p.layers[0].inputs + i)]));
        std::vector<std::size_t> starts;
        std::size_t start = 0;
        for (const LayerSpec& layer : p.layers) {
            starts.push_back(start);
            std::vector<double> next;
            for (Index o = 0; o < layer.outputs; ++o) {
                double z = double(p.parameters[start + std::size_t(layer.inputs * layer.outputs + o)]);
                for (Index i = 0; i < layer.inputs; ++i) z += a.back()[std::size_t(i)] * double(p.parameters[start + std::size_t(i * layer.outputs + o)]);
                next.push_back(layer.activation == Activation::tanh ? std::tanh(z) : z);
            }
            a.push_back(next);
            start += std::size_t((layer.inputs + 1) * layer.outputs);
        }
        std::vector<double> delta;
        for (std::size_t o = 0; o < a.back().size(); ++o) {
            delta.push_back((a.back()[o] - double(p.targets[std::size_t(r) * a.back().size() + o])) * double(p.weights[std::size_t(r)]) / total);
        }
        for (std::size_t l = p.layers.size(); l-- > 0;) {
            const LayerSpec& layer = p.layers[l];
            std::vector<double> before(a[l].size());
            for (Index o = 0; o < layer.outputs; ++o) {
                for (Index i = 0; i < layer.inputs; ++i) {
                    const std::size_t at = starts[l] + std::size_t(i * layer.outputs + o);
                    gradient[at] += a[l][std::size_t(i)] * delta[std::size_t(o)];
                    before[std::size_t(i)] += double(p.parameters[at]) * delta[std::size_t(o)];
                }
                gradient[starts[l] + std::size_t(layer.inputs * layer.outputs + o)] += delta[std::size_t(o)];
            }
            for (std::size_t i = 0; i < before.size(); ++i) before[i] *= 1 - a[l][i] * a[l][i];
            delta = before;
        }
    }
    return gradient;
}

template <class T>
void test_gradient(const InstructionSet& set, const Problem<T>& problem) {
    const auto run = open<T>(set, problem.spec(Optimizer::gradient_descent, 1));
    run->write(problem.parameters.data(), nullptr, 0);
    std::vector<T> gradient(problem.parameters.size());
    Interruption never;
    run->gradients(problem.view(), gradient.data(), never);
    std::vector<double> wanted = plain_gradient(problem);
    std::size_t start = 0;
    for (const LayerSpec& layer : problem.layers) {
        for (Index i = 0; i < layer.inputs * layer.outputs; ++i) {
            wanted[start + std::size_t(i)] += problem.l2 * double(problem.parameters[start + std::size_t(i)]);
        }
        start += std::size_t((layer.inputs + 1) * layer.outputs);
    }
    double worst = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) worst = std::max(worst, std::abs(double(gradient[i]) - wanted[i]));
    CHECK(worst < (sizeof(T) == 4 ? 1e-4 : 1e-12), "%s: gradient differs by %g", set.name, worst);
}

template <class T>
void test(const InstructionSet& set) {
    for (int trial = 0; trial < 36; ++trial) {
        const long widest = trial % 2 ? 130 : 20;  // small layers have kernels of their own
        std::vector<Index> widths{random_between(1, widest)};
        for (long depth = random_between(0, 2); depth > 0; --depth) widths.push_back(random_between(1, widest));
        widths.push_back(random_between(1, std::min(widest, 80L)));
        const bool many = trial % 6 == 0;  // then the rows are divided into segments
        const Index rows = many ? random_between(150, 400) : random_between(1, 70);
        const Problem<T> problem(widths, rows, many ? random_between(129, 400) : random_between(1, 70), trial % 3 ? 0 : 0.3, trial % 2 ? 0 : 0.1, trial % 4 ? HUGE_VAL : 0.2);
        const Optimizer optimizer = static_cast<Optimizer>(trial % 6);
        const Result alone = train(set, problem, optimizer, 1);
        for (int threads : {2, 3}) CHECK(train(set, problem, optimizer, threads) == alone, "%s, %d threads", set.name, threads);

        Problem<T> classes = problem;
        classes.loss = Loss::categorical_log_loss;
        classes.layers.back().activation = Activation::softmax;
        CHECK(train(set, classes, optimizer, 3) == train(set, classes, optimizer, 1), "%s, classes", set.name);

        test_gradient(set, problem);

        const Problem<T> sparse = problem.sparse();
        CHECK(train(set, sparse, optimizer, 3) == train(set, sparse, optimizer, 1), "%s, sparse", set.name);
        test_gradient(set, sparse);
    }
}

// A job that is run while another one runs gets half of the processors.
void test_shares() {
    struct Seen {
        int outer = 0, inner = 0;
    } seen;
    const auto inner = [](void* context, int threads, bool) { static_cast<Seen*>(context)->inner = threads; };
    const auto outer = [](void* context, int threads, bool) { static_cast<Seen*>(context)->outer = threads; };
    static constexpr auto nothing = [](void*, int) {};
    static const auto ready = static_cast<void (*)(void*, int, bool)>(inner);
    const auto task = [](void* context, int thread) {
        if (thread == 0) in_parallel(3, ready, nothing, context);
    };
    for (int repeat = 0; repeat < 2; ++repeat) {
        in_parallel(3, outer, task, &seen);
        CHECK(seen.outer == 3, "alone: %d threads", seen.outer);
        CHECK(seen.inner == std::min(3, std::max(1, processors() / 2)), "beside another: %d threads", seen.inner);
    }
}

// Several threads train at once, and share the pool.
void test_runs_at_once(const InstructionSet& set) {
    const Problem<float> problem({40, 70, 50, 5}, 64, 20, 0.2, 0.1, HUGE_VAL);
    const Result wanted = train(set, problem, Optimizer::adam, 3);
    std::vector<Result> results(4);
    std::vector<std::thread> threads;
    for (Result& result : results) threads.emplace_back([&] { result = train(set, problem, Optimizer::adam, 3); });
    for (std::thread& thread : threads) thread.join();
    for (const Result& result : results) CHECK(result == wanted, "%s, runs at once", set.name);
}

// What is interrupted from the start changes nothing.
void test_interruption(const InstructionSet& set) {
    const Problem<float> problem({40, 70, 50, 5}, 96, 24, 0, 0.1, HUGE_VAL);
    const std::vector<double> rates(4, 0.05);
    const std::vector<float> moments(2 * problem.parameters.size());
    std::vector<double> losses(1), penalties(1);
    std::vector<float> outputs(problem.targets.size()), again(outputs);
    const auto run = open<float>(set, problem.spec(Optimizer::adam, 3));
    run->write(problem.parameters.data(), moments.data(), 0);
    RowsView<float> rows = problem.view();
    Interruption never;
    run->predict(rows, outputs.data(), never);
    const unsigned char stop = 1;
    Interruption at_once(&stop);
    const EpochsResult done = run->epochs(rows, {24, 1, 4, rates.data(), nullptr, losses.data(), penalties.data()}, at_once);
    CHECK(done.finished == 0 && done.diverged_at == 0, "%s: %ld epochs", set.name, long(done.finished));
    run->predict(rows, again.data(), never);
    CHECK(outputs == again, "%s, interrupted", set.name);
}

// A mutex that was locked at a fork can be locked in the child, which learns of it.
void test_fork() {
#if !defined(_WIN32)
    ProcessMutex held, free;
    std::atomic<int> at{0};
    std::thread other([&] {
        const std::lock_guard<ProcessMutex> lock(held);
        at = 1;
        while (at != 2) std::this_thread::yield();
    });
    while (at != 1) std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
        held.lock(), free.lock();
        const bool right = held.was_abandoned() && !held.was_abandoned() && !free.was_abandoned() && forks() == 1;
        held.unlock(), free.unlock();
        held.lock();
        _exit(right && !held.was_abandoned() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    at = 2;
    other.join();
    CHECK(status == 0, "the child of a fork ended with %d", status);
    held.lock();
    CHECK(!held.was_abandoned() && forks() == 0, "the parent of a fork");
    held.unlock();
#endif
}

}  // namespace

void test_quota() {
    const std::string folder = std::filesystem::temp_directory_path() / ("glassnet_quota_" + std::to_string(std::random_device{}()));
    const std::string both = folder + "_both", quota = folder + "_quota", period = folder + "_period";
    const auto write = [](const std::string& file, const char* text) { std::ofstream(file) << text; };
    const int none = std::numeric_limits<int>::max();
    for (const auto& [text, wanted] : {std::pair{"max 100000\n", none}, {"200000 100000\n", 2}, {"150000 100000\n", 2}, {"5000 100000\n", 1}, {"", none}}) {
        write(both, text);
        CHECK(processors_of_quota(both.c_str(), nullptr) == wanted, "cpu.max: %s", text);
    }
    write(period, "100000\n");
    for (const auto& [text, wanted] : {std::pair{"-1\n", none}, {"300000\n", 3}}) {
        write(quota, text);
        CHECK(processors_of_quota(quota.c_str(), period.c_str()) == wanted, "cpu.cfs_quota_us: %s", text);
    }
    for (const std::string& file : {both, quota, period}) std::remove(file.c_str());
    CHECK(processors_of_quota(both.c_str(), nullptr) == none, "no such file");
}

int main() {
    test_quota();
    test_fork();
    test_shares();
    for (const InstructionSet* set = INSTRUCTION_SETS; set->name; ++set) {
        if (!set->runs_here()) continue;
        test<float>(*set);
        test<double>(*set);
        test_runs_at_once(*set);
        test_interruption(*set);
    }
    return failures != 0;
}
