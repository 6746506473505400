// The second stage of a step: from activations and deltas to the gradient, and to the next weights.
//
// The work is dealt out in `Unit`s. What is summed over all weights (penalties, the gradient's norm) is kept
// by unit and added up in their order, so that no sum depends on who did which.
#pragma once

#include "layers.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index AHEAD_ROWS = 64;  // a batch from which on what is to be written can be fetched meanwhile

// LANES rows of one strip of one layer's weights: the smallest piece of work.
struct Unit {
    Index layer, strip, begin, end;
    Index next;   // the first unit that is not of the same strip of weights and panel of inputs
    double work;  // of this unit and all before it
};

// Piece `number` of `count`, about equal in work.
struct Piece {
    Index number, count;
};

template <class T>
class Units {
  public:
    Units(Array<Layer<T>>& layers, const ObjectiveSpec& objective, const OptimizerSpec& optimizer)
        : layers_(layers), objective_(objective), rule_(update_rule<T>(optimizer.rule)), moments_(moment_count(optimizer.rule)),
          max_norm_(optimizer.max_norm) {
        Index count = 0;
        for (const Layer<T>& layer : layers_) count += layer.form.count() * ((layer.form.rows + LANES<T> - 1) / LANES<T>);
        units_ = Array<Unit>(count);
        first_of_layer_ = Array<Index>(layers.size() + 1);
        penalties_ = Buffer<double>(count), squares_ = Buffer<double>(count);
        double work = 0;
        Index u = 0;
        for (Index l = 0; l < layers_.size(); ++l) {
            const Packed<T>& form = layers_[l].form;
            first_of_layer_[l] = u;
            for (Index group = 0; group < form.rows; group += GROUP * PANEL<T>) {
                for (Index strip = 0; strip < form.count(); ++strip) {
                    for (Index row = group; row < least(group + GROUP * PANEL<T>, form.rows); row += LANES<T>) {
                        const Index end = least<Index>(row + LANES<T>, form.rows);
                        // Narrow strips take longer than their share, and so do weights that are turned as well.
                        work += double((end - row) * (form.width(strip) + LANES<T>)) * (l > 0 ? 1.1 : 1.0);
                        const Index panel_end = least((row / PANEL<T> + 1) * PANEL<T>, form.rows);
                        units_[u] = {l, strip, row, end, u + (panel_end - row + LANES<T> - 1) / LANES<T>, work};
                        ++u;
                    }
                }
            }
        }
        first_of_layer_[layers.size()] = u;
    }

    // Brings what follows from the weights up to date, after they came from elsewhere.
    void settle() {
        for (Index u = 0; u < units_.size(); ++u) settle(u, u + 1);
    }

    // The penalties alone, of one layer.
    void settle_penalties(Index layer) {
        if (penalized()) settle_penalties(first_of_layer_[layer], first_of_layer_[layer + 1]);
    }

    Index count() const { return units_.size(); }

    // Their gradient, for the first `weights` rows of a layer (not the biases).
    PenaltySlope<T> penalty_slope(double share, Index weights) const {
        return {T(share * objective_.l1), T(share * objective_.l2), penalized() ? weights : 0};
    }

    // l1 Σ|w| + ½ l2 Σw² over all weights.
    double penalty() const {
        double penalty = 0;
        if (penalized()) {
            for (double part : penalties_) penalty += part;
        }
        return penalty;
    }

    // The gradient and the update, where nothing needs the whole gradient at once.
    void update(const Piece& piece, const Workspace<T>& space, Index rows, double penalty_share, const StepConstants<T>& constants) {
        alignas(64) T gradient[PANEL<T> * NARROW<T>];
        each_run_of(piece, [&](Index u, Index next) {
            const Index l = units_[u].layer, begin = units_[u].begin, end = units_[next - 1].end;
            const Layer<T>& layer = layers_[l];
            const Index offset = layer.form.offset(units_[u].strip, begin);
            Ahead weights, turned, moments[2];
            if (rows >= AHEAD_ROWS) {
                const Index width = layer.form.width(units_[u].strip), bytes = (end - begin) * width * Index(sizeof(T));
                weights = Ahead(layer.weights.data() + offset, bytes);
                for (int m = 0; m < moments_; ++m) moments[m] = Ahead(layer.moment(m, offset), bytes);
                if (l > 0) {
                    turned = Ahead(layer.turned.data() + layer.turned_form.offset(begin / NARROW<T>, units_[u].strip * NARROW<T>),
                                   width * NARROW<T> * Index(sizeof(T)));
                }
            }
            gradient_of_run(space, u, next, {0, rows}, gradient, false, [&] {
                weights.portion(), turned.portion(), moments[0].portion(), moments[1].portion();
            });
            add_penalty_gradient(u, next, gradient, penalty_share);
            apply(u, next, gradient, constants);
        });
    }

    // The update from the gradients of `segments` segments of the rows, in memory.
    void update(const Piece& piece, Index segments, double penalty_share, const StepConstants<T>& constants) {
        alignas(64) T gradient[PANEL<T> * NARROW<T>];
        each_run_of(piece, [&](Index u, Index next) {
            sum_segments(u, next, segments, gradient);
            add_penalty_gradient(u, next, gradient, penalty_share);
            apply(u, next, gradient, constants);
        });
    }

    // The gradient of some rows, written to memory as that of a segment, or added to what is there.
    void add_gradient(const Piece& piece, const Workspace<T>& space, const Rows& rows, Index segment, bool go_on) {
        each_run_of(piece, [&](Index u, Index next) {
            gradient_of_run(space, u, next, rows, gradient_of(u, segment), go_on, [] {});
        });
    }

    // The gradients of the segments become one, in the place of the first; it gets that of the penalties, and
    // its squares are summed.
    void finish_gradient(const Piece& piece, Index segments, double penalty_share) {
        each_run_of(piece, [&](Index u, Index next) {
            const Layer<T>& layer = layers_[units_[u].layer];
            if (segments > 1) sum_segments(u, next, segments, gradient_of(u, 0));
            add_penalty_gradient(u, next, gradient_of(u, 0), penalty_share);
            for (Index i = u; i < next; ++i) squares_[i] = squares_of(units_[i], layer.gradient.data());
        });
    }

    double norm() const {
        double squares = 0;
        for (double part : squares_) squares += part;
        return ::sqrt(squares);
    }

    // The update from the gradient in memory, of that norm, which is shortened if it is too long.
    void clip(const Piece& piece, double norm, const StepConstants<T>& constants) {
        const Vec<T> factor = broadcast<T>(T(max_norm_ / norm));
        each_run_of(piece, [&](Index u, Index next) {
            T* const gradient = gradient_of(u, 0);
            if (norm > max_norm_) {
                for (Index i = 0; i < size_of(u, next); i += LANES<T>) store(gradient + i, load(gradient + i) * factor);
            }
            apply(u, next, gradient, constants);
        });
    }

  private:
    // The gradient of the units [u, next) of a run by some rows, as weight_gradient takes it.
    template <class F>
    void gradient_of_run(const Workspace<T>& space, Index u, Index next, const Rows& rows, T* gradient, bool go_on, const F& between) const {
        const Index l = units_[u].layer, begin = units_[u].begin, end = units_[next - 1].end;
        if (l == 0 && space.sparse) {
            sparse_weight_gradient(space.sparse_columns, space.deltas[0], layers_[0].form, units_[u].strip, begin, end, rows.end, gradient, go_on);
        } else {
            weight_gradient(layers_[l], space.inputs[l], space.deltas[l], units_[u].strip, begin, end, rows, gradient, go_on,
                            sides(space, next, rows.begin), between);
        }
    }

    // What unit u is the product of, from a row on; of the last one, if there is no such unit.
    Pair<const T*> sides(const Workspace<T>& space, Index u, Index row) const {
        const Unit& unit = units_[least(u, units_.size() - 1)];
        const T* const deltas = space.deltas[unit.layer].at(row, unit.strip * NARROW<T>);
        return {unit.layer == 0 && space.sparse ? deltas : space.inputs[unit.layer].row(unit.begin / PANEL<T>, row), deltas};
    }

    // Where in memory the gradient of unit u by a segment of the rows begins.
    T* gradient_of(Index u, Index segment) const {
        const Layer<T>& layer = layers_[units_[u].layer];
        return layer.gradient.data() + segment * layer.form.size() + layer.form.offset(units_[u].strip, units_[u].begin);
    }

    // Numbers of the units [u, next) of a run.
    Index size_of(Index u, Index next) const {
        return (units_[next - 1].end - units_[u].begin) * layers_[units_[u].layer].form.width(units_[u].strip);
    }

    void sum_segments(Index u, Index next, Index segments, T* gradient) const {
        const T* const first = gradient_of(u, 0);
        const Index count = size_of(u, next), apart = layers_[units_[u].layer].form.size();
        for (Index i = 0; i < count; i += LANES<T>) {
            Vec<T> sum = load(first + i);
            for (Index segment = 1; segment < segments; ++segment) sum = sum + load(first + segment * apart + i);
            store(gradient + i, sum);
        }
    }

    bool penalized() const { return objective_.l1 != 0 || objective_.l2 != 0; }

    // The first of the units of piece `number` of `count`.
    Index first_unit(Index number, Index count) const {
        if (number == 0) return 0;
        if (number == count) return units_.size();
        const double before = units_[units_.size() - 1].work * number / count;
        Index low = 0, high = units_.size();
        while (low < high) {
            const Index middle = (low + high) / 2;
            if (units_[middle].work > before + 1e-9) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    // Calls visit(first unit, last unit + 1) for the units of a piece, in runs that lie side by side in one
    // strip of weights and one panel of inputs.
    template <class F>
    void each_run_of(const Piece& piece, const F& visit) const {
        const Index end = first_unit(piece.number + 1, piece.count);
        for (Index u = first_unit(piece.number, piece.count); u < end;) {
            const Index next = least(units_[u].next, end);
            visit(u, next);
            u = next;
        }
    }

    static void turn_rows(Layer<T>& layer, Index strip, Index begin, Index end) {
        turn(layer.form, layer.weights.data(), strip, begin, end, layer.spec.inputs, layer.turned_form, layer.turned.data());
    }

    double squares_of(const Unit& unit, const T* numbers) const {
        const Packed<T>& form = layers_[unit.layer].form;
        const Index start = form.offset(unit.strip, unit.begin), count = (unit.end - unit.begin) * form.width(unit.strip);
        Sum64<T> sum;
        for (Index i = 0; i < count; i += LANES<T>) sum.add_square(load(numbers + start + i));
        return sum.total();
    }

    void add_penalty_gradient(Index u, Index next, T* gradient, double share) const {
        if (!penalized()) return;
        const Layer<T>& layer = layers_[units_[u].layer];
        const Index begin = units_[u].begin, end = least(units_[next - 1].end, layer.spec.inputs);  // not the biases
        const T* const weights = layer.weights.data() + layer.form.offset(units_[u].strip, begin);
        const Vec<T> l1 = broadcast<T>(T(share * objective_.l1)), l2 = broadcast<T>(T(share * objective_.l2));
        for (Index i = 0; i < (end - begin) * layer.form.width(units_[u].strip); i += LANES<T>) {
            const Vec<T> w = load(weights + i);
            const Vec<T> sign = select(w > zero<T>(), l1, select(w < zero<T>(), -l1, zero<T>()));
            store(gradient + i, (load(gradient + i) + sign) + l2 * w);
        }
    }

    // Updates the units [u, next), whose gradient lies from `gradient` on.
    void apply(Index u, Index next, const T* gradient, const StepConstants<T>& constants) {
        Layer<T>& layer = layers_[units_[u].layer];
        const Index offset = layer.form.offset(units_[u].strip, units_[u].begin);
        rule_(layer.weights.data() + offset, gradient, layer.moment(0, offset), layer.moment(1, offset),
              size_of(u, next), constants);
        settle(u, next);
    }

    // Brings what follows from the weights of units [u, next) of a run up to date.
    void settle(Index u, Index next) {
        Layer<T>& layer = layers_[units_[u].layer];
        if (units_[u].layer > 0) turn_rows(layer, units_[u].strip, units_[u].begin, units_[next - 1].end);
        if (penalized()) settle_penalties(u, next);
    }

    void settle_penalties(Index u, Index next) {
        for (Index i = u; i < next; ++i) penalties_[i] = penalty_of(units_[i]);
    }

    double penalty_of(const Unit& unit) const {
        const Layer<T>& layer = layers_[unit.layer];
        const Index start = layer.form.offset(unit.strip, unit.begin);
        const Index count = (least(unit.end, layer.spec.inputs) - unit.begin) * layer.form.width(unit.strip);
        Sum64<T> sizes, squares;
        for (Index i = 0; i < count; i += LANES<T>) {
            const Vec<T> w = load(layer.weights.data() + start + i);
            sizes.add(absolute<T>(w));
            squares.add(w * w);
        }
        return (objective_.l1 != 0 ? objective_.l1 * sizes.total() : 0) + (objective_.l2 != 0 ? objective_.l2 / 2 * squares.total() : 0);
    }

    Array<Layer<T>>& layers_;
    const ObjectiveSpec objective_;
    const UpdateRule<T> rule_;
    const int moments_;
    const double max_norm_;
    Array<Unit> units_;
    Array<Index> first_of_layer_;
    Buffer<double> penalties_, squares_;
};

}  // namespace glassnet::GLASSNET_TARGET
