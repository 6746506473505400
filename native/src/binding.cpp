// What Python sees: runs and predictors over clean contiguous arrays. Arguments were checked in Python
// (glassnet/engines/native.py); nothing calls back into Python while a run works.
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

#include "dispatch.hpp"
#include "pool.hpp"

namespace nb = nanobind;
using namespace glassnet;

namespace {

template <class T, int N>
using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T, int N>
using Out = nb::ndarray<T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;

// (N, I); sparse ones are the entries of all rows, their columns, and where each row's entries begin, with their number last.
template <class T>
using Inputs = std::variant<In<T, 2>, std::tuple<In<T, 1>, In<std::int32_t, 1>, In<Index, 1>>>;

// (inputs, outputs, activation, dropout); activation is the number of a name in ACTIVATIONS.
using Layers = std::vector<std::tuple<Index, Index, int, double>>;
// (loss, constant, l1, l2, ceiling, penalty per row)
using Objective = std::tuple<int, double, double, double, double, bool>;
// (rule, first, second, epsilon, weight decay, max norm)
using Optimizer = std::tuple<int, double, double, double, double, double>;

const Target& target_named(const std::string& name) {
    for (const Target* target = TARGETS; target->name; ++target) {
        if (name == target->name && target->runs_here()) return *target;
    }
    throw nb::value_error(("this processor or build has no instruction set " + name).c_str());
}

nb::tuple targets() {
    nb::list names;
    for (const Target* target = TARGETS; target->name; ++target) {
        if (target->runs_here()) names.append(target->name);
    }
    return nb::tuple(names);
}

template <class T>
std::unique_ptr<Run<T>> open(const std::string& target, const Layers& layers, const Objective& objective,
                             const Optimizer& optimizer, std::uint64_t dropout_seed, int threads, bool training) {
    std::vector<LayerSpec> specs;
    for (const auto& [inputs, outputs, activation, dropout] : layers) {
        specs.push_back({inputs, outputs, static_cast<Activation>(activation), dropout});
    }
    const auto [loss, constant, l1, l2, ceiling, penalty_per_row] = objective;
    const auto [rule, first, second, epsilon, weight_decay, max_norm] = optimizer;
    const RunSpec spec{specs.data(), static_cast<Index>(specs.size()), {static_cast<Loss>(loss), constant, l1, l2, ceiling, penalty_per_row},
                       {static_cast<Rule>(rule), first, second, epsilon, weight_decay, max_norm},
                       dropout_seed, threads, training};
    const Target& chosen = target_named(target);
    if constexpr (sizeof(T) == 4) return std::unique_ptr<Run<T>>(chosen.open_float(spec));
    else return std::unique_ptr<Run<T>>(chosen.open_double(spec));
}

// A run with a lock, so that two Python threads that share it take turns.
template <class T>
class BoundRun {
  public:
    BoundRun(const std::string& target, const Layers& layers, const Objective& objective, const Optimizer& optimizer,
             std::uint64_t dropout_seed, int threads)
        : run_(open<T>(target, layers, objective, optimizer, dropout_seed, threads, true)) {}

    std::tuple<Index, Index> epochs(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights, Index batch,
                                    In<double, 2> rates, std::optional<In<Index, 2>> orders,
                                    std::optional<In<unsigned char, 1>> stop, Out<double, 1> losses,
                                    Out<double, 1> penalties) {
        const Course course{batch, static_cast<Index>(rates.shape(0)), static_cast<Index>(rates.shape(1)), rates.data(),
                            orders ? orders->data() : nullptr, stop ? stop->data() : nullptr, losses.data(),
                            penalties.data()};
        const Outcome outcome = locked([&] { return run_->epochs(view(inputs, &targets, weights), course); });
        return {outcome.finished, outcome.diverged_at};
    }

    void predict(Inputs<T> inputs, Out<T, 2> outputs) {
        locked([&] { run_->predict(view(inputs, nullptr, std::nullopt), outputs.data()); });
    }

    double evaluate(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights) {
        return locked([&] { return run_->evaluate(view(inputs, &targets, weights)); });
    }

    double gradients(Inputs<T> inputs, In<T, 2> targets, std::optional<In<T, 1>> weights, Out<T, 1> gradient) {
        return locked([&] { return run_->gradients(view(inputs, &targets, weights), gradient.data()); });
    }

    Index read(Out<T, 1> parameters, Out<T, 2> moments) {
        return locked([&] { return run_->read(parameters.data(), moments.data()); });
    }

    void write(In<T, 1> parameters, In<T, 2> moments, Index step) {
        locked([&] { run_->write(parameters.data(), moments.data(), step); });
    }

  private:
    static RowsView<T> view(const Inputs<T>& inputs, const In<T, 2>* targets, const std::optional<In<T, 1>>& weights) {
        RowsView<T> rows{nullptr, targets ? targets->data() : nullptr, weights ? weights->data() : nullptr, 0};
        if (const auto* dense = std::get_if<0>(&inputs)) {
            rows.inputs = dense->data(), rows.count = static_cast<Index>(dense->shape(0));
        } else {
            const auto& [values, columns, starts] = std::get<1>(inputs);
            rows.entries = {values.data(), columns.data(), starts.data()}, rows.count = static_cast<Index>(starts.shape(0)) - 1;
        }
        return rows;
    }

    template <class F>
    auto locked(F work) {
        const nb::gil_scoped_release no_gil;
        const std::lock_guard<std::mutex> lock(mutex_);
        return work();
    }

    std::unique_ptr<Run<T>> run_;
    std::mutex mutex_;
};

// A buffer of some Python object, given back at the end of the scope.
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

    // Whether it is contiguous, aligned, of the type that `code` names, and (columns,) or (N, columns).
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

// Makes the function from inputs (I,) or (N, I) to outputs. Where the inputs are not of the type and shape
// wanted, `convert` is asked for ones that are, or raises.
template <class T>
nb::object predictor(const std::string& target, const Layers& layers, In<T, 1> parameters, int threads, nb::object convert) {
    struct State {
        std::unique_ptr<Run<T>> run;
        std::mutex mutex;
        Index inputs, outputs;
        double flops;
        nb::object convert, empty, dtype, width;

        void compute(const void* from, Index rows, void* to) {
            constexpr double worth_releasing = 2e5;
            std::optional<nb::gil_scoped_release> no_gil;
            if (flops * static_cast<double>(rows) > worth_releasing) no_gil.emplace();
            std::unique_lock<std::mutex> lock(mutex, std::try_to_lock);
            if (!lock.owns_lock()) {
                if (!no_gil) no_gil.emplace();
                lock.lock();
            }
            run->predict({static_cast<const T*>(from), nullptr, nullptr, rows}, static_cast<T*>(to));
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
    auto state = std::make_shared<State>();
    state->run = open<T>(target, layers, {0, 0.0, 0.0, 0.0, 0.0, false}, {0, 0.0, 0.0, 0.0, 0.0, 0.0}, 0, threads, false);
    state->run->write(parameters.data(), nullptr, 0);
    state->inputs = std::get<0>(layers.front());
    state->outputs = std::get<1>(layers.back());
    state->flops = 2.0 * static_cast<double>(parameters.shape(0));
    state->convert = std::move(convert);
    const nb::module_ numpy = nb::module_::import_("numpy");
    state->empty = numpy.attr("empty");
    state->dtype = numpy.attr("dtype")(sizeof(T) == 4 ? "float32" : "float64");
    state->width = nb::int_(state->outputs);
    return nb::cpp_function([state](nb::handle inputs) { return (*state)(inputs); }, nb::arg("inputs").none());
}

template <class T>
void bind(nb::module_& m, const char* run, const char* predict) {
    nb::class_<BoundRun<T>>(m, run)
        .def(nb::init<const std::string&, const Layers&, const Objective&, const Optimizer&, std::uint64_t, int>())
        .def("epochs", &BoundRun<T>::epochs, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none(),
             nb::arg("batch"), nb::arg("rates"), nb::arg("orders").none(), nb::arg("stop").none(), nb::arg("losses").noconvert(),
             nb::arg("penalties").noconvert())
        .def("predict", &BoundRun<T>::predict, nb::arg("inputs"), nb::arg("outputs").noconvert())
        .def("evaluate", &BoundRun<T>::evaluate, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none())
        .def("gradients", &BoundRun<T>::gradients, nb::arg("inputs"), nb::arg("targets"), nb::arg("weights").none(),
             nb::arg("gradient").noconvert())
        .def("read", &BoundRun<T>::read, nb::arg("parameters").noconvert(), nb::arg("moments").noconvert())
        .def("write", &BoundRun<T>::write, nb::arg("parameters"), nb::arg("moments"), nb::arg("step"));
    m.def(predict, &predictor<T>);
}

}  // namespace

NB_MODULE(_native, m) {
    m.attr("ACTIVATIONS") = nb::make_tuple("identity", "step", "relu", "leaky_relu", "elu", "sigmoid", "tanh", "softplus", "gelu",
                                           "silu", "exponential", "softmax");
    m.attr("LOSSES") = nb::make_tuple("squared_error", "absolute_error", "huber", "quantile", "poisson", "binary_log_loss",
                                      "categorical_log_loss");
    m.attr("RULES") = nb::make_tuple("gradient_descent", "momentum", "nesterov", "rmsprop", "adam", "adamw");
    m.def("targets", &targets);
    m.def("processors", &processors);
    bind<float>(m, "Run32", "predictor32");
    bind<double>(m, "Run64", "predictor64");
}
