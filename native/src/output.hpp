// The output layer: its activation, the loss of every row, and the delta that backpropagation starts from.
#pragma once

#include "activations.hpp"
#include "losses.hpp"
#include "panels.hpp"

namespace glassnet::GLASSNET_TARGET {

// The last layer's numbers for the rows of a workspace, all of one form.
template <class T>
struct OutputRows {
    Panels<T> z, a, targets, deltas;
    const T* shares;  // what each row counts for in the mean; the deltas have it in them
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

// The losses of rows [begin, end) and their deltas, for an output activation F and a loss L.
template <class T, class F, class L>
void losses_of(const OutputRows<T>& out, Index width, T constant, T ceiling, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        const Vec<T> share = broadcast<T>(out.shares[row]);
        Sum64<T> loss;
        each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> z = load(out.z.data + i), a = F::value(z), y = load(out.targets.data + i);
            const LossAt<T> at = L::at(z, a, y, constant);
            const auto counts = real & (y == y);  // a target that is NaN is missing
            loss.add(select(counts, at_most<T>(at.loss, ceiling), zero<T>()));
            const Vec<T> delta = L::linked ? at.gradient : at.gradient * F::slope(z, a);
            store(out.deltas.data + i, select(counts, delta, zero<T>()) * share);
        });
        out.losses[row] = loss.total();
    }
}

// The first numbers of rows [first, first + last], side by side; the last row stands in for those that are not there.
template <class T>
GLASSNET_INLINE Vec<T> first_column(const Panels<T>& panels, Index first, Index last) {
    Vec<T> rows[LANES<T>];
    for (Index i = 0; i < LANES<T>; ++i) rows[i] = load(panels.row(0, first + least(i, last)));
    for (int half = LANES<T> / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; ++i) rows[i] = zip_low<T>(rows[i], rows[i + half]);
    }
    return rows[0];
}

// The same for a single output, LANES rows at a time, so that every lane has work.
template <class T, class F, class L>
void single_losses_of(const OutputRows<T>& out, Index, T constant, T ceiling, Index begin, Index end) {
    const auto single = first_lanes<T>(1);
    for (Index first = begin; first < end; first += LANES<T>) {
        const Index last = least<Index>(LANES<T>, end - first) - 1;
        const Vec<T> z = first_column(out.z, first, last), y = first_column(out.targets, first, last), a = F::value(z);
        const LossAt<T> at = L::at(z, a, y, constant);
        const auto counts = y == y;
        Sum64<T> loss;
        loss.add(select(counts, at_most<T>(at.loss, ceiling), zero<T>()));
        alignas(64) T deltas[LANES<T>];
        store(deltas, select(counts, L::linked ? at.gradient : at.gradient * F::slope(z, a), zero<T>()));
        for (Index i = 0; i <= last; ++i) {
            store(out.deltas.row(0, first + i), select(single, broadcast<T>(deltas[i] * out.shares[first + i]), zero<T>()));
            out.losses[first + i] = loss.lane(i);
        }
    }
}

// Softmax and its own loss together: -Σ y log a, with log a = z - log Σ exp(z).
template <class T>
void softmax_losses(const OutputRows<T>& out, Index width, T ceiling, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        const Normalizer<T> by = softmax(out, width, row);
        const Vec<T> log_sum = log_of<T>(broadcast<T>(by.sum)), top = broadcast<T>(by.largest);
        const Vec<T> share = broadcast<T>(out.shares[row]);
        Sum64<T> loss;
        each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> y = load(out.targets.data + i);
            const auto counts = real & (y == y);
            const Vec<T> cost = y * (log_sum - (load(out.z.data + i) - top));
            loss.add(select(counts, at_most<T>(cost, ceiling), zero<T>()));
            store(out.deltas.data + i, select(counts, load(out.a.data + i) - y, zero<T>()) * share);
        });
        out.losses[row] = loss.total();
    }
}

// The same for outputs of up to V vectors a row, by turning LANES rows into a vector for each output: then every
// lane has work, and nothing is summed across lanes.
template <class T, int V>
void narrow_softmax_losses(const OutputRows<T>& out, Index width, T ceiling, Index begin, Index end) {
    constexpr int N = LANES<T>;
    for (Index first = begin; first < end; first += N) {
        const Index last = least<Index>(N, end - first) - 1;
        Vec<T> z[V][N], y[V][N], deltas[V][N];
        for (int v = 0; v < V; ++v) {
            for (Index i = 0; i < N; ++i) {  // the last row stands in for those that are not there
                z[v][i] = load(out.z.row(0, first + least(i, last)) + v * N);
                y[v][i] = load(out.targets.row(0, first + least(i, last)) + v * N);
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
            loss.add(select(counts, at_most<T>(target * (log_sum - z[o / N][o % N]), ceiling), zero<T>()));
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

template <class T>
using Losses = void (*)(const OutputRows<T>&, Index width, T constant, T ceiling, Index begin, Index end);

template <class T, class F, class L>
Losses<T> losses_for(Index width) {
    return width == 1 ? single_losses_of<T, F, L> : losses_of<T, F, L>;
}

template <class T>
Losses<T> elementwise_losses(Activation activation, Loss loss, Index width) {
    if (loss == Loss::binary_log_loss) return losses_for<T, Sigmoid<T>, BinaryLogLoss<T>>(width);
    if (loss == Loss::poisson && activation == Activation::exponential) {
        return losses_for<T, Exponential<T>, LinkedPoisson<T>>(width);
    }
    Losses<T> result = nullptr;
    with_activation<T>(activation, [&](auto f) {
        using F = decltype(f);
        switch (loss) {
            case Loss::absolute_error: result = losses_for<T, F, AbsoluteError<T>>(width); break;
            case Loss::huber: result = losses_for<T, F, Huber<T>>(width); break;
            case Loss::quantile: result = losses_for<T, F, Quantile<T>>(width); break;
            case Loss::poisson: result = losses_for<T, F, Poisson<T>>(width); break;
            default: result = losses_for<T, F, SquaredError<T>>(width); break;
        }
    });
    return result;
}

template <class T>
class OutputLayer {
  public:
    OutputLayer(Index width, Activation activation, const ObjectiveSpec& objective)
        : width_(width), softmax_(activation == Activation::softmax), output_(elementwise<T>(activation).output),
          constant_(T(objective.constant)), ceiling_(T(objective.ceiling)), loss_(objective.loss),
          losses_(elementwise_losses<T>(softmax_ ? Activation::identity : activation, objective.loss, width)) {}

    // From z to a.
    void activate(const OutputRows<T>& out, Index begin, Index end) const {
        if (softmax_) {
            for (Index row = begin; row < end; ++row) softmax(out, width_, row);
            return;
        }
        for (Index panel = 0; panel < out.z.count(); ++panel) {
            output_(out.z.row(panel, begin), out.a.row(panel, begin), (end - begin) * out.z.width(panel));
        }
    }

    // From z to the losses and to the deltas.
    void measure(const OutputRows<T>& out, Index begin, Index end) const {
        if (loss_ == Loss::categorical_log_loss) {
            const auto losses = width_ <= LANES<T>       ? narrow_softmax_losses<T, 1>
                                : width_ <= 2 * LANES<T> ? narrow_softmax_losses<T, 2>
                                                         : softmax_losses<T>;
            losses(out, width_, ceiling_, begin, end);
        } else if (softmax_) {
            activate(out, begin, end);
            OutputRows<T> activated = out;
            activated.z = out.a;
            losses_(activated, width_, constant_, ceiling_, begin, end);
            for (Index row = begin; row < end; ++row) softmax_backward(out, width_, row);
        } else {
            losses_(out, width_, constant_, ceiling_, begin, end);
        }
    }

  private:
    Index width_;
    bool softmax_;
    void (*output_)(const T* z, T* a, Index count);
    T constant_, ceiling_;
    Loss loss_;
    Losses<T> losses_;
};

}  // namespace glassnet::GLASSNET_TARGET
