// The output layer: its activation, the loss of every row, and the delta that backpropagation starts from.
// The C++ side of glassnet.net.losses.
#pragma once

#include "activations.hpp"
#include "panels.hpp"

namespace glassnet::GLASSNET_TARGET {

template <class T>
struct LossAt {
    Vec<T> loss, gradient;
};

template <class T>
GLASSNET_INLINE Vec<T> y_log_y(Vec<T> y) {
    return y * log_of<T>(select(y > zero<T>(), y, broadcast<T>(T(1))));
}

// Losses of an output `a` (of pre-activation `z`, where the loss is linked to the output activation and
// its gradient is that in z).
template <class T>
struct SquaredError {
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y;
        return {error * error * broadcast<T>(T(0.5)), error};
    }
};

template <class T>
struct AbsoluteError {
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> error = a - y, one = broadcast<T>(T(1));
        return {absolute<T>(error), select(error > zero<T>(), one, select(error < zero<T>(), -one, error))};
    }
};

template <class T>
struct Huber {
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T delta) {
        const Vec<T> error = a - y, size = absolute<T>(error), d = broadcast<T>(delta), half = broadcast<T>(T(0.5));
        return {select(size <= d, size * size * half, d * (size - d * half)), at_least<T>(at_most<T>(error, delta), -delta)};
    }
};

template <class T>
struct Quantile {
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T level) {
        const Vec<T> rest = y - a, above = broadcast<T>(level), below = broadcast<T>(level - T(1));
        return {select(rest >= zero<T>(), above * rest, below * rest),
                select(a > y, -below, select(a < y, -above, zero<T>()))};
    }
};

template <class T>
struct Poisson {
    static constexpr T FLOOR = T(1e-12);
    static GLASSNET_INLINE LossAt<T> at(Vec<T>, Vec<T> a, Vec<T> y, T) {
        const Vec<T> mean = at_least<T>(a, FLOOR);
        return {mean - y - y * log_of<T>(mean) + y_log_y<T>(y), broadcast<T>(T(1)) - y / mean};
    }
};

template <class T>
struct LinkedPoisson {
    static GLASSNET_INLINE LossAt<T> at(Vec<T> z, Vec<T> a, Vec<T> y, T) { return {a - y - y * z + y_log_y<T>(y), a - y}; }
};

template <class T>
struct BinaryLogLoss {
    static GLASSNET_INLINE LossAt<T> at(Vec<T> z, Vec<T> a, Vec<T> y, T) {
        return {at_least<T>(z, T(0)) - y * z + log1p_of_unit<T>(exp_of<T>(-absolute<T>(z))), a - y};
    }
};

// The last layer's numbers for the rows of a workspace, all of one form.
template <class T>
struct OutputRows {
    Panels<T> z, a, targets, deltas;
    const T* shares;  // what each row counts for in the mean
    double* losses;   // of each row
};

// Calls visit(offset, mask) for every vector of a row; the mask is false in the padding.
template <class T, class F>
GLASSNET_INLINE void each_vector(const Panels<T>& form, Index width, Index row, const F& visit) {
    alignas(64) static constexpr T numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    Index left = width;
    for (Index panel = 0; panel < form.count(); ++panel) {
        const Index start = form.row(panel, row) - form.data, columns = form.width(panel);
        for (Index i = 0; i < columns; i += LANES<T>, left -= LANES<T>) {
            visit(start + i, load(numbers) < broadcast<T>(T(least<Index>(left, LANES<T>))));
        }
    }
}

template <class T>
struct Normaliser {
    T largest, sum;
};

// a = softmax(z), with 0 in the padding.
template <class T>
GLASSNET_INLINE Normaliser<T> softmax(const OutputRows<T>& out, Index width, Index row) {
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

// The losses of rows [begin, end), and their gradients into deltas.
template <class T, class L>
void losses_of(const OutputRows<T>& out, Index width, T constant, T ceiling, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        Sum64<T> loss;
        each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> y = load(out.targets.data + i);
            const LossAt<T> at = L::at(load(out.z.data + i), load(out.a.data + i), y, constant);
            const auto counts = real & (y == y);  // a target that is NaN is missing
            loss.add(select(counts, at_most<T>(at.loss, ceiling), zero<T>()));
            store(out.deltas.data + i, select(counts, at.gradient, zero<T>()));
        });
        out.losses[row] = loss.total();
    }
}

// Softmax and its own loss together: -Σ y log a, with log a = z - log Σ exp(z).
template <class T>
void softmax_losses(const OutputRows<T>& out, Index width, T ceiling, Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
        const Normaliser<T> by = softmax(out, width, row);
        const Vec<T> log_sum = log_of<T>(broadcast<T>(by.sum)), top = broadcast<T>(by.largest);
        Sum64<T> loss;
        each_vector(out.z, width, row, [&](Index i, auto real) GLASSNET_LAMBDA {
            const Vec<T> y = load(out.targets.data + i);
            const auto counts = real & (y == y);
            const Vec<T> cost = y * (log_sum - (load(out.z.data + i) - top));
            loss.add(select(counts, at_most<T>(cost, ceiling), zero<T>()));
            store(out.deltas.data + i, select(counts, load(out.a.data + i) - y, zero<T>()));
        });
        out.losses[row] = loss.total();
    }
}

// The same for outputs of one vector a row, by turning LANES rows into a vector for each output: then every
// lane has work, and nothing is summed across lanes.
template <class T>
void narrow_softmax_losses(const OutputRows<T>& out, Index width, T ceiling, Index begin, Index end) {
    constexpr int N = LANES<T>;
    for (Index first = begin; first < end; first += N) {
        const Index last = least<Index>(N, end - first) - 1;
        Vec<T> z[N], y[N], deltas[N];
        for (Index i = 0; i < N; ++i) {  // the last row stands in for those that are not there
            z[i] = load(out.z.row(0, first + least(i, last)));
            y[i] = load(out.targets.row(0, first + least(i, last)));
        }
        transpose<T>(z);
        transpose<T>(y);
        Vec<T> largest = broadcast<T>(-T(HUGE_VALF)), sum = zero<T>();
        for (Index o = 0; o < width; ++o) largest = select(z[o] > largest, z[o], largest);
        for (Index o = 0; o < width; ++o) {
            z[o] = z[o] - largest;
            deltas[o] = exp_of<T>(z[o]);
            sum = sum + deltas[o];
        }
        const Vec<T> log_sum = log_of<T>(sum);
        Sum64<T> loss;
        for (Index o = 0; o < width; ++o) {
            const auto counts = y[o] == y[o];
            loss.add(select(counts, at_most<T>(y[o] * (log_sum - z[o]), ceiling), zero<T>()));
            deltas[o] = select(counts, deltas[o] / sum - y[o], zero<T>());
        }
        for (Index o = width; o < N; ++o) deltas[o] = zero<T>();
        transpose<T>(deltas);
        for (Index i = 0; i <= last; ++i) {
            store(out.deltas.row(0, first + i), deltas[i]);
            out.losses[first + i] = loss.lane(i);
        }
    }
}

template <class T>
class OutputLayer {
  public:
    OutputLayer(Index width, Activation activation, const ObjectiveSpec& objective)
        : width_(width), softmax_(activation == Activation::softmax), functions_(elementwise<T>(activation)),
          constant_(T(objective.constant)), ceiling_(T(objective.ceiling)), kind_(objective.loss) {
        linked_ = (kind_ == Loss::poisson && activation == Activation::exponential) ||
                  kind_ == Loss::binary_log_loss || kind_ == Loss::categorical_log_loss;
        switch (kind_) {
            case Loss::absolute_error: losses_ = losses_of<T, AbsoluteError<T>>; break;
            case Loss::huber: losses_ = losses_of<T, Huber<T>>; break;
            case Loss::quantile: losses_ = losses_of<T, Quantile<T>>; break;
            case Loss::poisson: losses_ = linked_ ? losses_of<T, LinkedPoisson<T>> : losses_of<T, Poisson<T>>; break;
            case Loss::binary_log_loss: losses_ = losses_of<T, BinaryLogLoss<T>>; break;
            default: losses_ = losses_of<T, SquaredError<T>>; break;
        }
    }

    // From z to a.
    void activate(const OutputRows<T>& out, Index begin, Index end) const {
        if (softmax_) {
            for (Index row = begin; row < end; ++row) softmax(out, width_, row);
        } else {
            each_panel(out, begin, end, [&](Index at, Index count) { functions_.output(out.z.data + at, out.a.data + at, count); });
        }
    }

    // From z to a, to the losses, to the deltas.
    void measure(const OutputRows<T>& out, Index begin, Index end, bool want_deltas) const {
        if (kind_ == Loss::categorical_log_loss) {
            (width_ <= LANES<T> ? narrow_softmax_losses<T> : softmax_losses<T>)(out, width_, ceiling_, begin, end);
        } else {
            activate(out, begin, end);
            losses_(out, width_, constant_, ceiling_, begin, end);
            if (want_deltas && !linked_) to_z(out, begin, end);
        }
        if (!want_deltas) return;
        each_panel_row(out, begin, end, [&](T* row, Index count, T share) {
            for (Index i = 0; i < count; i += LANES<T>) store(row + i, load(row + i) * broadcast<T>(share));
        });
    }

  private:
    void to_z(const OutputRows<T>& out, Index begin, Index end) const {
        if (softmax_) {
            for (Index row = begin; row < end; ++row) softmax_backward(out, width_, row);
        } else {
            each_panel(out, begin, end, [&](Index at, Index count) {
                functions_.output_backward(out.deltas.data + at, out.z.data + at, out.a.data + at, count);
            });
        }
    }

    template <class F>
    static void each_panel(const OutputRows<T>& out, Index begin, Index end, const F& visit) {
        for (Index panel = 0; panel < out.z.count(); ++panel) {
            visit(out.z.row(panel, begin) - out.z.data, (end - begin) * out.z.width(panel));
        }
    }

    template <class F>
    static void each_panel_row(const OutputRows<T>& out, Index begin, Index end, const F& visit) {
        for (Index panel = 0; panel < out.z.count(); ++panel) {
            for (Index row = begin; row < end; ++row) {
                visit(out.deltas.row(panel, row), out.z.width(panel), out.shares[row]);
            }
        }
    }

    Index width_;
    bool softmax_, linked_;
    Elementwise<T> functions_;
    T constant_, ceiling_;
    Loss kind_;
    void (*losses_)(const OutputRows<T>&, Index, T, T, Index, Index);
};

}  // namespace glassnet::GLASSNET_TARGET
