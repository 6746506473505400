// The Python module: runs and predictors on contiguous arrays. glassnet/engines/native.py checks all arguments. While a run
// works, only the handlers of signals run in Python. Runs and predictors may be used by several threads at once, with or
// without the GIL, and by a forked process whatever its parent was doing.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "instruction_sets.hpp"
#include "pool.hpp"
#include "process.hpp"

namespace nb = nanobind;
using namespace glassnet;

namespace {

template <class T, int N>
using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T, int N>
using Out = nb::ndarray<T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;

// (N, I). Sparse inputs: the stored values of all rows, their columns, and where the values of each row begin, with the
// number of values last.
template <class T>
using Inputs = std::variant<In<T, 2>, std::tuple<In<T, 1>, In<std::int32_t, 1>, In<Index, 1>>>;

// Activations, losses and optimizers are given by their numbers in ACTIVATIONS, LOSSES and OPTIMIZERS.
// (inputs, outputs, activation, dropout)
using LayerTuples = std::vector<std::tuple<Index, Index, int, double>>;
// (loss, parameter, l1, l2, loss cap, penalty per row)
using ObjectiveTuple = std::tuple<int, double, double, double, double, bool>;
// (optimizer, decay, decay2, epsilon, weight decay, max norm)
using OptimizerTuple = std::tuple<int, double, double, double, double, double>;

const InstructionSet& instruction_set_named(const std::string& name) {
    for (const InstructionSet* set = INSTRUCTION_SETS; set->name; ++set) {
        if (name == set->name && set->runs_here()) return *set;
    }
    throw nb::value_error(("this processor or build has no instruction set " + name).c_str());
}

using Names = nb::typed<nb::tuple, std::string, nb::ellipsis>;

Names instruction_sets() {
    nb::list names;
    for (const InstructionSet* set = INSTRUCTION_SETS; set->name; ++set) {
        if (set->runs_here()) names.append(set->name);
    }
    return Names(nb::tuple(names));
}

template <std::size_t N>
nb::tuple tuple_of(const char* const (&names)[N]) {
    nb::list list;
    for (const char* name : names) list.append(name);
    return nb::tuple(list);
}

template <class T>
std::unique_ptr<Run<T>> open(const std::string& instruction_set, const LayerTuples& layers, const ObjectiveTuple& objective,
                             const OptimizerTuple& optimizer, std::uint64_t dropout_seed, int threads, bool training) {
    std::vector<LayerSpec> specs;
    for (const auto& [inputs, outputs, activation, dropout] : layers) {
        specs.push_back({inputs, outputs, static_cast<Activation>(activation), dropout});
    }
    const auto [loss, parameter, l1, l2, loss_cap, penalty_per_row] = objective;
    const auto [rule, decay, decay2, epsilon, weight_decay, max_norm] = optimizer;
    const RunSpec spec{specs.data(), static_cast<Index>(specs.size()), {static_cast<Loss>(loss), parameter, l1, l2, loss_cap, penalty_per_row},
                       {static_cast<Optimizer>(rule), decay, decay2, epsilon, weight_decay, max_norm},
                       dropout_seed, threads, training};
    const InstructionSet& chosen = instruction_set_named(instruction_set);
    if constexpr (sizeof(T) == 4) return std::unique_ptr<Run<T>>(chosen.open_float(spec));
    else return std::unique_ptr<Run<T>>(chosen.open_double(spec));
}

// Runs the handlers of the signals that have come in, if this is Python's main thread. Returns whether one raised an error,
// which then is set.
bool handle_signals() {
    const nb::gil_scoped_acquire gil;
    return PyErr_CheckSignals() != 0;
}

// What a call does with the parameters of a run.
enum class Access { read, train, replace };

// A run with a lock: threads that share it take turns.
template <class T>
class SharedRun {
  public:
    explicit SharedRun(std::unique_ptr<Run<T>> run) : run_(std::move(run)) {}

    // work(run), without the GIL and once no other thread uses the run.
    template <class F>
    auto use(Access access, const F& work) {
        const nb::gil_scoped_release no_gil;
        const std::lock_guard<ProcessMutex> lock(mutex_);
        return locked(access, work);
    }

    // The same with the GIL, if no other thread uses the run at the moment; returns whether it was done.
    template <class F>
    bool try_to_read(const F& work) {
        const std::unique_lock<ProcessMutex> lock(mutex_, std::try_to_lock);
        if (lock.owns_lock()) locked(Access::read, work);
        return lock.owns_lock();
    }

  private:
    template <class F>
    auto locked(Access access, const F& work) {
        if (mutex_.was_abandoned()) {
            run_->renew();
            complete_ = access_ == Access::read;
        }
        if (access == Access::replace) complete_ = true;
        if (!complete_) {
            throw std::runtime_error("this run was being trained by another thread when the process was forked, so its parameters are "
                                     "not complete here; restore a snapshot first");
        }
        access_ = access;
        return work(*run_);
    }

    std::unique_ptr<Run<T>> run_;
    ProcessMutex mutex_;
    Access access_ = Access::read;  // of the last call, or of the one that is running
    bool complete_ = true;          // false in a forked process that has the parameters as they were amid a step
};

// What Python calls a run. A call ends early when the byte `stop` is set or a handler of a signal raises an error.
template <class T>
class BoundRun {
  public:
    using Stop = std::optional<In<unsigned char, 1>>;

    BoundRun(const std::string& instruction_set, const LayerTuples& layers, const ObjectiveTuple& objective,
             const OptimizerTuple& optimizer, std::uint64_t dropout_seed, int threads)
        : run_(open<T>(instruction_set, layers, objective, optimizer, dropout_seed, threads, true)) {}

    std::tuple<Index, Index> epochs(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights, Index batch_size,
                                    In<double, 2> rates, std::optional<In<Index, 2>> orders, Stop stop, Out<double, 1> losses,
                                    Out<double, 1> penalties) {
        const EpochsRequest request{batch_size, static_cast<Index>(rates.shape(0)), static_cast<Index>(rates.shape(1)), rates.data(),
                                    orders ? orders->data() : nullptr, losses.data(), penalties.data()};
        EpochsResult result{0, 0};
        compute(stop, Access::train, [&](Run<T>& run, Interruption& interruption) { result = run.epochs(view(inputs, &targets, weights), request, interruption); });
        return {result.finished, result.diverged_at};
    }

    void predict(Inputs<T> inputs, Out<T, 2> outputs, Stop stop) {
        compute(stop, Access::read, [&](Run<T>& run, Interruption& interruption) { run.predict(view(inputs, nullptr, std::nullopt), outputs.data(), interruption); });
    }

    double evaluate(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights, Stop stop, std::optional<Out<T, 2>> outputs,
                    std::optional<Out<double, 1>> losses) {
        double loss = 0;
        compute(stop, Access::read, [&](Run<T>& run, Interruption& interruption) {
            loss = run.evaluate(view(inputs, &targets, weights), outputs ? outputs->data() : nullptr, losses ? losses->data() : nullptr,
                                interruption);
        });
        return loss;
    }

    double gradients(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights, Out<T, 1> gradient) {
        double objective = 0;
        compute(std::nullopt, Access::read, [&](Run<T>& run, Interruption& interruption) {
            objective = run.gradients(view(inputs, &targets, weights), gradient.data(), interruption);
        });
        return objective;
    }

    Index read(Out<T, 1> parameters, std::optional<Out<T, 2>> moments) {
        return run_.use(Access::read, [&](Run<T>& run) { return run.read(parameters.data(), moments ? moments->data() : nullptr); });
    }

    void write(In<T, 1> parameters, In<T, 2> moments, Index step) {
        run_.use(Access::replace, [&](Run<T>& run) { run.write(parameters.data(), moments.data(), step); });
    }

  private:
    static RowsView<T> view(const Inputs<T>& inputs, const In<T, 2>* targets, const std::optional<In<T, 1>>& weights) {
        RowsView<T> rows{nullptr, targets ? targets->data() : nullptr, weights ? weights->data() : nullptr, 0};
        if (const In<T, 2>* const dense = std::get_if<In<T, 2>>(&inputs)) {
            rows.inputs = dense->data(), rows.count = static_cast<Index>(dense->shape(0));
        } else {
            const auto& [values, columns, starts] = std::get<1>(inputs);
            rows.sparse_inputs = {values.data(), columns.data(), starts.data()}, rows.count = static_cast<Index>(starts.shape(0)) - 1;
        }
        return rows;
    }

    template <class F>
    void compute(const Stop& stop, Access access, const F& work) {
        Interruption interruption(stop ? stop->data() : nullptr, handle_signals);
        run_.use(access, [&](Run<T>& run) { work(run, interruption); });
        if (PyErr_Occurred()) throw nb::python_error();
    }

    SharedRun<T> run_;
};

// The buffer of a Python object, released at the end of the scope.
class Memory {
  public:
    Memory(nb::handle object, int flags) : held_(PyObject_GetBuffer(object.ptr(), &view_, flags) == 0) {
        if (!held_) PyErr_Clear();
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() {
        if (held_) PyBuffer_Release(&view_);
    }

    // Whether it is aligned, of the type that `code` names, and of shape (columns,) or (N, columns).
    bool is_rows(char code, Index columns) const {
        return held_ && view_.format && view_.format[0] == code && view_.format[1] == 0 && (view_.ndim == 1 || view_.ndim == 2) &&
               view_.shape[view_.ndim - 1] == columns && reinterpret_cast<std::uintptr_t>(view_.buf) % sizeof(double) % view_.itemsize == 0;
    }
    bool one_row() const { return view_.ndim == 1; }
    Index rows() const { return one_row() ? 1 : static_cast<Index>(view_.shape[0]); }
    void* data() const { return held_ ? view_.buf : nullptr; }

  private:
    Py_buffer view_{};
    bool held_;
};

// Returns the function from inputs (I,) or (N, I) to outputs. Inputs of another type or shape are passed to `convert`,
// which returns suitable inputs or raises an error.
using Predictor = nb::typed<nb::callable, nb::any(nb::any)>;

template <class T>
Predictor predictor(const std::string& instruction_set, const LayerTuples& layers, In<T, 1> parameters, int threads, Predictor convert) {
    struct State {
        explicit State(std::unique_ptr<Run<T>> opened) : run(std::move(opened)) {}

        SharedRun<T> run;
        Index inputs, outputs;
        double flops;
        nb::object convert, empty, dtype, width;

        void compute(const void* from, Index rows, void* to) {
            constexpr double worth_releasing = 2e5;
            const RowsView<T> view{static_cast<const T*>(from), nullptr, nullptr, rows};
            if (flops * static_cast<double>(rows) <= worth_releasing) {
                Interruption none;
                if (run.try_to_read([&](Run<T>& run) { run.predict(view, static_cast<T*>(to), none); })) return;
            }
            Interruption interruption(nullptr, handle_signals);
            run.use(Access::read, [&](Run<T>& run) { run.predict(view, static_cast<T*>(to), interruption); });
            if (PyErr_Occurred()) throw nb::python_error();
        }

        nb::object operator()(nb::handle given) {
            constexpr char code = sizeof(T) == 4 ? 'f' : 'd';
            constexpr int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT;
            std::optional<Memory> from(std::in_place, given, flags);
            nb::object converted;
            if (!from->is_rows(code, inputs)) {
                converted = convert(given);
                from.emplace(converted, flags);
                if (!from->is_rows(code, inputs)) throw nb::value_error("inputs could not be converted");
            }
            const Index rows = from->rows();
            nb::object result = from->one_row() ? empty(width, dtype) : empty(nb::make_tuple(rows, outputs), dtype);
            const Memory to(result, PyBUF_CONTIG);
            compute(from->data(), rows, to.data());
            return result;
        }
    };
    auto run = open<T>(instruction_set, layers, {0, 0.0, 0.0, 0.0, 0.0, false}, {0, 0.0, 0.0, 0.0, 0.0, 0.0}, 0, threads, false);
    run->write(parameters.data(), nullptr, 0);
    auto state = std::make_shared<State>(std::move(run));
    state->inputs = std::get<0>(layers.front());
    state->outputs = std::get<1>(layers.back());
    state->flops = 2.0 * static_cast<double>(parameters.shape(0));
    state->convert = std::move(convert);
    const nb::module_ numpy = nb::module_::import_("numpy");
    state->empty = numpy.attr("empty");
    state->dtype = numpy.attr("dtype")(sizeof(T) == 4 ? "float32" : "float64");
    state->width = nb::int_(state->outputs);
    const nb::object function = nb::cpp_function([state](nb::handle inputs) { return (*state)(inputs); }, nb::arg("inputs").none());
    return nb::borrow<Predictor>(function);
}

template <class T>
void bind(nb::module_& m, const char* run, const char* predict) {
    nb::class_<BoundRun<T>>(m, run, "One network during training. A call ends early once the byte ``stop`` is set.")
        .def(nb::init<const std::string&, const LayerTuples&, const ObjectiveTuple&, const OptimizerTuple&, std::uint64_t, int>(),
             nb::arg("instruction_set"), nb::arg("layers"), nb::arg("objective"), nb::arg("optimizer"), nb::arg("dropout_seed"),
             nb::arg("threads"),
             "``layers``: (inputs, outputs, activation, dropout) each; ``objective``: (loss, parameter, l1, l2, loss cap,\n"
             "penalty per row); ``optimizer``: (optimizer, decay, decay2, epsilon, weight decay, max norm). Activation, loss\n"
             "and optimizer are their positions in ``ACTIVATIONS``, ``LOSSES`` and ``OPTIMIZERS``.")
        .def("epochs", &BoundRun<T>::epochs, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none(),
             nb::arg("batch_size"), nb::arg("rates"), nb::arg("orders").none(), nb::arg("stop").none(), nb::arg("losses").noconvert(),
             nb::arg("penalties").noconvert(),
             "The number of finished epochs, and the step that diverged (0: none). Writes ``losses`` and ``penalties``.\n\n"
             "Sparse ``inputs`` are the stored values, their columns, and (N + 1,) where the values of each row begin.")
        .def("predict", &BoundRun<T>::predict, nb::arg("inputs"), nb::arg("outputs").noconvert(), nb::arg("stop") = nb::none(),
             "Writes ``outputs`` (N, O).")
        .def("evaluate", &BoundRun<T>::evaluate, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none(), nb::arg("stop") = nb::none(),
             nb::arg("outputs").noconvert() = nb::none(), nb::arg("losses").noconvert() = nb::none(),
             "The mean loss. Writes ``outputs`` (N, O) and the ``losses`` (N,) of the rows, if they are given.")
        .def("gradients", &BoundRun<T>::gradients, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none(),
             nb::arg("gradient").noconvert(), "The objective over all rows. Writes ``gradient`` (P,).")
        .def("read", &BoundRun<T>::read, nb::arg("parameters").noconvert(), nb::arg("moments").noconvert() = nb::none(),
             "The number of steps done. Writes ``parameters`` (P,), and ``moments`` (moments, P) if they are given.")
        .def("write", &BoundRun<T>::write, nb::arg("parameters"), nb::arg("moments"), nb::arg("step"),
             "Replaces what ``read`` reads.");
    m.def(predict, &predictor<T>, nb::arg("instruction_set"), nb::arg("layers"), nb::arg("parameters"), nb::arg("threads"),
          nb::arg("convert"),
          "A function from inputs (I,) or (N, I) to outputs. Passes inputs that are not a contiguous array of its type to\n"
          "``convert``.");
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "The kernels of the native engine. Arrays are C-contiguous; native.py checks all arguments.";
    m.attr("ACTIVATIONS") = tuple_of(ACTIVATION_NAMES);
    m.attr("LOSSES") = tuple_of(LOSS_NAMES);
    m.attr("OPTIMIZERS") = tuple_of(OPTIMIZER_NAMES);
    m.def("instruction_sets", &instruction_sets, "The compiled instruction sets that this processor can run, the best first.");
    m.def("processors", &processors, "The number of processors that this process may use.");
    bind<float>(m, "Run32", "predictor32");
    bind<double>(m, "Run64", "predictor64");
}
