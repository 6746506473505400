// The output layer: its activation, the loss of every row, and the delta that the backward pass starts from.
#pragma once

#include "losses.hpp"

namespace glassnet::GLASSNET_ISA {

// The last layer's numbers for the rows of a workspace; all panels have the same shape.
template <class T>
struct OutputRows {
    Panels<T> z, a, targets, deltas;
    const T* shares;  // the weight of each row in the mean loss; already multiplied into the deltas
    double* losses;   // of each row
};

// Calls visit(offset, mask) for every vector of a row; the mask is false in the padding.
template <class T, class F>
GLASSNET_INLINE void each_vector(const Panels<T>& form, Index width, Index row, const F& visit) {
    Index left = width;
    for (Index panel = 0; panel < form.count(); ++panel) {
        const Index start = form.row(panel, row) - form.data, columns = form.width(panel);
        for (Index i = 0; i < columns; i += LANES<T>, left -= LANES<T>) {
            visit(start + i, first_lanes<T>(left));
        }
    }
}

template <class T>
struct Normalizer {
    T largest, sum;
};

// a = softmax(z), with 0 in the padding.
template <class T>
GLASSNET_INLINE Normalizer<T> softmax(const OutputRows<T>& out, Index width, Index row) {
    Vec<T> largest = broadcast<T>(-T(HUGE_VALF)), sum = zero<T>();
    each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
        const Vec<T> z = load(out.z.data + i);
        largest = select(real & (z > largest), z, largest);
    });
    const T top = maximum_of<T>(largest);
    each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
        const Vec<T> e = select(real, exp_of<T>(load(out.z.data + i) - broadcast<T>(top)), zero<T>());
        store(out.a.data + i, e);
        sum = sum + e;
    });
    const Vec<T> total = broadcast<T>(sum_of<T>(sum));
    each_vector(out.z, width, row, [&](Index i, auto) GLASSNET_LAMBDA {
        store(out.a.data + i, load(out.a.data + i) / total);
    });
    return {top, first_of<T>(total)};
}

// From ∂loss/∂a (in deltas) to ∂loss/∂z through softmax: a_i (g_i - Σ_j g_j a_j).
template <class T>
GLASSNET_INLINE void softmax_backward(const OutputRows<T>& out, Index width, Index row) {
    Vec<T> sum = zero<T>();
    each_vector(out.z, width, row, [&](Index i, auto) GLASSNET_LAMBDA {
        sum = sum + load(out.deltas.data + i) * load(out.a.data + i);
    });
    const Vec<T> mean = broadcast<T>(sum_of<T>(sum));
    each_vector(out.z, width, row, [&](Index i, auto) GLASSNET_LAMBDA {
        store(out.deltas.data + i, load(out.a.data + i) * (load(out.deltas.data + i) - mean));
    });
}

// The losses of `count` numbers (whole vectors) and their gradients, where L computes them from activations, or from the
// pre-activations if LINKED. `losses` may be the same as `numbers`.
template <class T, class L, bool LINKED>
void losses_of(const T* numbers, const T* targets, T* losses, T* gradients, Index count, T parameter) {
    for (Index i = 0; i < count; i += LANES<T>) {
        const Vec<T> x = load(numbers + i), y = load(targets + i);
        LossAndGradient<T> result;
        if constexpr (LINKED) result = L::of_link(x, L::Link::value(x), y);
        else result = L::of(x, y, parameter);
        store(losses + i, result.loss);
        store(gradients + i, result.gradient);
    }
}

template <class T>
using LossFunction = void (*)(const T* numbers, const T* targets, T* losses, T* gradients, Index count, T parameter);

// The total loss of each row, from the losses of its outputs, and the deltas, from the gradients in their place.
template <class T>
void finish_rows(const OutputRows<T>& out, const Panels<T>& losses, Index width, T cap, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        const Vec<T> share = broadcast<T>(out.shares[row]);
        Sum64<T> loss;
        each_vector(losses, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> y = load(out.targets.data + i);
            const auto counts = real & (y == y);  // a target that is NaN is missing
            loss.add(select(counts, at_most<T>(load(losses.data + i), cap), zero<T>()));
            store(out.deltas.data + i, select(counts, load(out.deltas.data + i), zero<T>()) * share);
        });
        out.losses[row] = loss.total();
    }
}

// The first numbers of rows [first, first + last], side by side; the last row is repeated to fill the vector.
template <class T>
GLASSNET_INLINE Vec<T> first_column(const Panels<T>& panels, Index first, Index last) {
    Vec<T> rows[LANES<T>];
    for (Index i = 0; i < LANES<T>; ++i) rows[i] = load(panels.row(0, first + minimum(i, last)));
    for (int half = LANES<T> / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; ++i) rows[i] = zip_low<T>(rows[i], rows[i + half]);
    }
    return rows[0];
}

// The losses and deltas of rows with a single output: LANES rows at a time, so that no lane is idle. `functions` are
// those of the output activation, or null where the losses are computed from z.
template <class T>
void single_output_losses(const OutputRows<T>& out, LossFunction<T> function, const ElementwiseFunctions<T>* functions, T parameter, T cap,
                          Index begin, Index end) {
    const auto single = first_lanes<T>(1);
    alignas(64) T x[LANES<T>], y[LANES<T>], slopes[LANES<T>], losses[LANES<T>], deltas[LANES<T>];
    for (Index first = begin; first < end; first += LANES<T>) {
        const Index last = minimum<Index>(LANES<T>, end - first) - 1;
        const Vec<T> targets = first_column(out.targets, first, last);
        store(x, first_column(out.z, first, last));
        store(y, targets);
        if (functions) functions->forward_with_slopes(x, x, slopes, {1, LANES<T>, LANES<T>});
        function(x, y, losses, deltas, LANES<T>, parameter);
        const auto counts = targets == targets;
        Sum64<T> loss;
        loss.add(select(counts, at_most<T>(load(losses), cap), zero<T>()));
        const Vec<T> delta = functions ? load(deltas) * load(slopes) : load(deltas);
        store(deltas, select(counts, delta, zero<T>()));
        for (Index i = 0; i <= last; ++i) {
            store(out.deltas.row(0, first + i), select(single, broadcast<T>(deltas[i] * out.shares[first + i]), zero<T>()));
            out.losses[first + i] = loss.lane(i);
        }
    }
}

// Softmax and the categorical log loss together: -Σ y log a, with log a = z - log Σ exp(z).
template <class T>
void softmax_losses(const OutputRows<T>& out, Index width, T cap, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        const Normalizer<T> by = softmax(out, width, row);
        const Vec<T> log_sum = log_of<T>(broadcast<T>(by.sum)), top = broadcast<T>(by.largest);
        const Vec<T> share = broadcast<T>(out.shares[row]);
        Sum64<T> loss;
        each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> y = load(out.targets.data + i);
            const auto counts = real & (y == y);
            const Vec<T> cost = y * (log_sum - (load(out.z.data + i) - top));
            loss.add(select(counts, at_most<T>(cost, cap), zero<T>()));
            store(out.deltas.data + i, select(counts, load(out.a.data + i) - y, zero<T>()) * share);
        });
        out.losses[row] = loss.total();
    }
}

// The same for outputs of up to V vectors a row: LANES rows are transposed into one vector for each output, so that
// no lane is idle and nothing is summed across lanes.
template <class T, int V>
void narrow_softmax_losses(const OutputRows<T>& out, Index width, T cap, Index begin, Index end) {
    constexpr int N = LANES<T>;
    for (Index first = begin; first < end; first += N) {
        const Index last = minimum<Index>(N, end - first) - 1;
        Vec<T> z[V][N], y[V][N], deltas[V][N];
        for (int v = 0; v < V; ++v) {
            for (Index i = 0; i < N; ++i) {  // the last row is repeated to fill the vectors
                z[v][i] = load(out.z.row(0, first + minimum(i, last)) + v * N);
                y[v][i] = load(out.targets.row(0, first + minimum(i, last)) + v * N);
            }
            transpose<T>(z[v]);
            transpose<T>(y[v]);
        }
        Vec<T> largest = broadcast<T>(-T(HUGE_VALF)), sum = zero<T>();
        for (Index o = 0; o < width; ++o) largest = select(z[o / N][o % N] > largest, z[o / N][o % N], largest);
        for (Index o = 0; o < width; ++o) {
            Vec<T>&x = z[o / N][o % N], &e = deltas[o / N][o % N];
            x = x - largest;
            e = exp_of<T>(x);
            sum = sum + e;
        }
        const Vec<T> log_sum = log_of<T>(sum);
        Sum64<T> loss;
        for (Index o = 0; o < width; ++o) {
            const Vec<T> target = y[o / N][o % N];
            Vec<T>& delta = deltas[o / N][o % N];
            const auto counts = target == target;
            loss.add(select(counts, at_most<T>(target * (log_sum - z[o / N][o % N]), cap), zero<T>()));
            delta = select(counts, delta / sum - target, zero<T>());
        }
        for (Index o = width; o < V * N; ++o) deltas[o / N][o % N] = zero<T>();
        for (int v = 0; v < V; ++v) {
            transpose<T>(deltas[v]);
            for (Index i = 0; i <= last; ++i) {
                store(out.deltas.row(0, first + i) + v * N, deltas[v][i] * broadcast<T>(out.shares[first + i]));
            }
        }
        for (Index i = 0; i <= last; ++i) out.losses[first + i] = loss.lane(i);
    }
}

// How the losses of an output layer are computed: from z, from a, or together with the softmax.
enum class LossMethod { from_pre_activations, from_activations, with_softmax };

template <class T>
struct OutputLoss {
    LossMethod method;
    LossFunction<T> function;
};

template <class T, class L>
OutputLoss<T> elementwise_loss(Activation activation) {
    using Link = typename L::Link;
    if constexpr (!std::is_same_v<Link, NoLink>) {
        const bool linked = with_activation<T>(activation, [](auto f) { return std::is_same_v<decltype(f), Link>; });
        if (L::needs_link || linked) return {LossMethod::from_pre_activations, losses_of<T, L, true>};
    }
    if constexpr (!L::needs_link) {
        const bool identity = activation == Activation::identity;
        return {identity ? LossMethod::from_pre_activations : LossMethod::from_activations, losses_of<T, L, false>};
    }
}

template <class T>
OutputLoss<T> output_loss(Activation activation, Loss loss) {
    switch (loss) {
#define GLASSNET_CASE(name, Class) \
    case Loss::name: return elementwise_loss<T, Class<T>>(activation);
        GLASSNET_ELEMENTWISE_LOSSES(GLASSNET_CASE)
#undef GLASSNET_CASE
        case Loss::categorical_log_loss: break;
    }
    return {LossMethod::with_softmax, nullptr};
}

template <class T>
class OutputLayer {
  public:
    OutputLayer(Index width, Activation activation, const ObjectiveSpec& objective)
        : width_(width), softmax_(activation == Activation::softmax), functions_(elementwise_functions<T>(activation)),
          loss_(output_loss<T>(activation, objective.loss)), parameter_(T(objective.parameter)), cap_(T(objective.loss_cap)) {}

    // From z to a.
    void activate(const OutputRows<T>& out, Index begin, Index end) const {
        if (softmax_) {
            for (Index row = begin; row < end; ++row) softmax(out, width_, row);
            return;
        }
        for (Index panel = 0; panel < out.z.count(); ++panel) {
            functions_.forward(out.z.row(panel, begin), out.a.row(panel, begin), out.z.extent(panel, end - begin, out.z.columns));
        }
    }

    // From z to the losses and to the deltas. z and a are used as memory on the way.
    void measure(const OutputRows<T>& out, Index begin, Index end) const {
        const bool from_activations = loss_.method == LossMethod::from_activations;
        if (loss_.method == LossMethod::with_softmax) return measure_with_softmax(out, begin, end);
        if (width_ == 1 && !softmax_) {
            return single_output_losses(out, loss_.function, from_activations ? &functions_ : nullptr, parameter_, cap_, begin, end);
        }
        if (!from_activations) return measure(out, out.z, nullptr, out.a, begin, end);
        if (softmax_) {
            activate(out, begin, end);
            measure(out, out.a, nullptr, out.z, begin, end);
            for (Index row = begin; row < end; ++row) softmax_backward(out, width_, row);
            return;
        }
        for (Index panel = 0; panel < out.z.count(); ++panel) {  // the slopes replace z
            T* const z = out.z.row(panel, begin);
            functions_.forward_with_slopes(z, out.a.row(panel, begin), z, out.z.extent(panel, end - begin, out.z.columns));
        }
        measure(out, out.a, &out.z, out.a, begin, end);
    }

  private:
    // From `numbers` to the losses and to the deltas; `losses` is memory for those of each output.
    void measure(const OutputRows<T>& out, const Panels<T>& numbers, const Panels<T>* slopes, const Panels<T>& losses, Index begin, Index end) const {
        for (Index panel = 0; panel < numbers.count(); ++panel) {
            T* const deltas = out.deltas.row(panel, begin);
            const Index count = (end - begin) * numbers.width(panel);
            loss_.function(numbers.row(panel, begin), out.targets.row(panel, begin), losses.row(panel, begin), deltas, count, parameter_);
            if (slopes) multiply_elementwise(deltas, slopes->row(panel, begin), {1, count, count});
        }
        finish_rows(out, losses, width_, cap_, begin, end);
    }

    void measure_with_softmax(const OutputRows<T>& out, Index begin, Index end) const {
        const auto losses = width_ <= LANES<T>       ? narrow_softmax_losses<T, 1>
                            : width_ <= 2 * LANES<T> ? narrow_softmax_losses<T, 2>
                                                     : softmax_losses<T>;
        losses(out, width_, cap_, begin, end);
    }

    Index width_;
    bool softmax_;
    ElementwiseFunctions<T> functions_;
    OutputLoss<T> loss_;
    T parameter_, cap_;
};

}  // namespace glassnet::GLASSNET_ISA
