// The second phase of a step: from activations and deltas to the gradient, and to the new weights.
//
// The work is divided into slices. Sums over all weights (the penalties, the norm of the gradient) are stored per slice
// and added in one order, so that they do not depend on which thread computed which slice, nor on the caches.
#pragma once

#include "caches.hpp"
#include "optimizers.hpp"
#include "passes.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr Index GROUP_ROWS = 256;      // rows of a batch, to choose the panels of a group
constexpr Index MOST_PANELS = 8;       // of a group
constexpr Index PREFETCH_ROWS = 64;    // from this batch size on, memory to be written is prefetched

// The panels of inputs of which gradients are computed strip by strip: they fill half of the second-level cache.
template <class T>
Index group_panels() {
    const Index panel = GROUP_ROWS * PANEL<T> * Index(sizeof(T));
    return maximum<Index>(1, minimum(MOST_PANELS, second_level_cache() / 2 / panel));
}

// LANES rows of one strip of one layer's weights: the smallest unit of work.
struct Slice {
    Index layer, strip, begin, end;
    Index next;   // the first slice in another strip of weights or another panel of inputs
    Index place;  // of its sums: they are added by layer, strip and row, whatever the groups
    double work;  // of this slice and all before it
};

// Part `number` of `count` parts of all slices, about equal in work.
struct Piece {
    Index number, count;
};

// The gradient of the penalties of weights (not biases), if there are any.
template <class T>
struct PenaltyGradient {
    bool exists;
    T l1, l2;

    GLASSNET_INLINE Vec<T> added_to(Vec<T> gradient, Vec<T> w) const {
        const Vec<T> one = broadcast<T>(l1), sign = select(w > zero<T>(), one, select(w < zero<T>(), -one, zero<T>()));
        return (gradient + sign) + broadcast<T>(l2) * w;
    }
};

template <class T>
class WeightUpdate {
  public:
    WeightUpdate(Array<Layer<T>>& layers, const ObjectiveSpec& objective, const OptimizerSpec& optimizer)
        : layers_(layers), objective_(objective), rule_(update_rule<T>(optimizer.optimizer)), moments_(moment_count(optimizer.optimizer)),
          max_norm_(optimizer.max_norm), penalized_(objective.l1 != 0 || objective.l2 != 0) {
        Index count = 0;
        for (const Layer<T>& layer : layers_) count += layer.layout.count() * ((layer.layout.rows + LANES<T> - 1) / LANES<T>);
        slices_ = Array<Slice>(count);
        first_of_layer_ = Array<Index>(layers.size() + 1);
        penalties_ = Buffer<double>(count), squares_ = Buffer<double>(count);
        double work = 0;
        const Index group_rows = group_panels<T>() * PANEL<T>;
        Index s = 0;
        for (Index l = 0; l < layers_.size(); ++l) {
            const StripLayout<T>& layout = layers_[l].layout;
            const Index strip_slices = (layout.rows + LANES<T> - 1) / LANES<T>;
            first_of_layer_[l] = s;
            for (Index group = 0; group < layout.rows; group += group_rows) {
                for (Index strip = 0; strip < layout.count(); ++strip) {
                    for (Index row = group; row < minimum(group + group_rows, layout.rows); row += LANES<T>) {
                        const Index end = minimum<Index>(row + LANES<T>, layout.rows);
                        // Narrow strips take longer than their share, and so do weights that are also transposed.
                        work += double((end - row) * (layout.width(strip) + LANES<T>)) * (l > 0 ? 1.1 : 1.0);
                        const Index panel_end = minimum((row / PANEL<T> + 1) * PANEL<T>, layout.rows);
                        const Index next = s + (panel_end - row + LANES<T> - 1) / LANES<T>;
                        slices_[s] = {l, strip, row, end, next, first_of_layer_[l] + strip * strip_slices + row / LANES<T>, work};
                        ++s;
                    }
                }
            }
        }
        first_of_layer_[layers.size()] = s;
    }

    Index count() const { return slices_.size(); }
    bool corrects_bias() const { return rule_.corrects_bias; }

    // l1 Σ|w| + ½ l2 Σw² over all weights.
    double penalty() const {
        double penalty = 0;
        if (penalized_) {
            for (double part : penalties_) penalty += part;
        }
        return penalty;
    }

    // Recomputes what is derived from the weights, after they were written from outside.
    void refresh() {
        for (Index s = 0; s < slices_.size(); ++s) refresh(s, s + 1);
    }

    // Gradient and update at once, where the update does not depend on the whole gradient. `shared`: other threads read
    // the weights.
    void update(const Piece& piece, const Workspace<T>& space, Index rows, double penalty_share, const StepConstants<T>& constants,
                bool shared) {
        alignas(64) T gradient[PANEL<T> * STRIP<T>];
        for_each_run(piece, [&](Index s, Index next) {
            const Index l = slices_[s].layer, begin = slices_[s].begin, end = slices_[next - 1].end;
            const Layer<T>& layer = layers_[l];
            const Index offset = layer.layout.offset(slices_[s].strip, begin);
            WritePrefetch weights, transposed, moments[2];
            if (shared && rows >= PREFETCH_ROWS) {
                const Index width = layer.layout.width(slices_[s].strip), bytes = (end - begin) * width * Index(sizeof(T));
                weights = WritePrefetch(layer.weights.data() + offset, bytes);
                for (int m = 0; m < moments_; ++m) moments[m] = WritePrefetch(layer.moment(m, offset), bytes);
                if (l > 0) {
                    transposed = WritePrefetch(layer.transposed.data() + layer.transposed_layout.offset(begin / STRIP<T>, slices_[s].strip * STRIP<T>),
                                               width * STRIP<T> * Index(sizeof(T)));
                }
            }
            compute_gradient(space, s, next, {0, rows}, gradient, false, [&] {
                weights.portion(), transposed.portion(), moments[0].portion(), moments[1].portion();
            });
            add_penalty_gradient(s, next, gradient, penalty_share);
            apply(s, next, gradient, constants);
        });
    }

    // The update from the gradients of `segments` segments of the rows, in memory.
    void update(const Piece& piece, Index segments, double penalty_share, const StepConstants<T>& constants) {
        alignas(64) T gradient[PANEL<T> * STRIP<T>];
        for_each_run(piece, [&](Index s, Index next) {
            sum_segments(s, next, segments, gradient);
            add_penalty_gradient(s, next, gradient, penalty_share);
            apply(s, next, gradient, constants);
        });
    }

    PenaltyGradient<T> penalty_gradient(double share) const {
        return {penalized_, T(share * objective_.l1), T(share * objective_.l2)};
    }

    // Recomputes the penalties of a layer.
    void refresh_penalties(Index layer) {
        if (penalized_) refresh_penalties(first_of_layer_[layer], first_of_layer_[layer + 1]);
    }

    // The gradient of some rows, written to memory as that of a segment, or added to the one in memory.
    void store_gradient(const Piece& piece, const Workspace<T>& space, const RowRange& rows, Index segment, bool add,
                        Interruption& interruption) {
        for_each_run(piece, [&](Index s, Index next) {
            if (interruption.requested()) return;
            compute_gradient(space, s, next, rows, gradient_of(s, segment), add, [] {});
        });
    }

    // Adds the gradients of all segments and of the penalties, in the memory of the first segment, and computes the
    // squares for the norm.
    void finish_gradient(const Piece& piece, Index segments, double penalty_share) {
        for_each_run(piece, [&](Index s, Index next) {
            const Layer<T>& layer = layers_[slices_[s].layer];
            if (segments > 1) sum_segments(s, next, segments, gradient_of(s, 0));
            add_penalty_gradient(s, next, gradient_of(s, 0), penalty_share);
            for (Index i = s; i < next; ++i) squares_[slices_[i].place] = squares_of(slices_[i], layer.gradient.data());
        });
    }

    double norm() const {
        double squares = 0;
        for (double part : squares_) squares += part;
        return ::sqrt(squares);
    }

    // The update from the gradient in memory, which has this norm and is scaled down if that is too large.
    void clip(const Piece& piece, double norm, const StepConstants<T>& constants) {
        const Vec<T> factor = broadcast<T>(T(max_norm_ / norm));
        for_each_run(piece, [&](Index s, Index next) {
            T* const gradient = gradient_of(s, 0);
            if (norm > max_norm_) {
                for (Index i = 0; i < size_of(s, next); i += LANES<T>) store(gradient + i, load(gradient + i) * factor);
            }
            apply(s, next, gradient, constants);
        });
    }

  private:
    // Calls visit(first slice, last slice + 1) for the slices of a piece, in runs of slices that are adjacent in one strip
    // of weights and one panel of inputs.
    template <class F>
    void for_each_run(const Piece& piece, const F& visit) const {
        const Index end = first_slice(piece.number + 1, piece.count);
        for (Index s = first_slice(piece.number, piece.count); s < end;) {
            const Index next = minimum(slices_[s].next, end);
            visit(s, next);
            s = next;
        }
    }

    // The first of the slices of piece `number` of `count`.
    Index first_slice(Index number, Index count) const {
        if (number == 0) return 0;
        if (number == count) return slices_.size();
        const double before = slices_[slices_.size() - 1].work * number / count;
        Index low = 0, high = slices_.size();
        while (low < high) {
            const Index middle = (low + high) / 2;
            if (slices_[middle].work > before + 1e-9) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    // The gradient of the slices [s, next) of a run from some rows; `add` and `between` as in weight_gradient.
    template <class F>
    void compute_gradient(const Workspace<T>& space, Index s, Index next, const RowRange& rows, T* gradient, bool add, const F& between) const {
        const Index l = slices_[s].layer, begin = slices_[s].begin, end = slices_[next - 1].end;
        if (l == 0 && space.sparse) {
            sparse_weight_gradient(space.sparse_columns, space.deltas[0], layers_[0].layout, slices_[s].strip, begin, end, rows.end, gradient, add);
        } else {
            weight_gradient(layers_[l], space.inputs[l], space.deltas[l], slices_[s].strip, begin, end, rows, gradient, add,
                            operands(space, next, rows.begin), between);
        }
    }

    // The operands of the gradient of slice s from a row on; of the last slice, if there is no slice s.
    Operands<const T*> operands(const Workspace<T>& space, Index s, Index row) const {
        const Slice& slice = slices_[minimum(s, slices_.size() - 1)];
        const T* const deltas = space.deltas[slice.layer].at(row, slice.strip * STRIP<T>);
        return {slice.layer == 0 && space.sparse ? deltas : space.inputs[slice.layer].row(slice.begin / PANEL<T>, row), deltas};
    }

    // Where in memory the gradient of slice s from a segment of the rows begins.
    T* gradient_of(Index s, Index segment) const {
        const Layer<T>& layer = layers_[slices_[s].layer];
        return layer.gradient.data() + segment * layer.layout.size() + layer.layout.offset(slices_[s].strip, slices_[s].begin);
    }

    // The count of numbers in the slices [s, next) of a run.
    Index size_of(Index s, Index next) const {
        return (slices_[next - 1].end - slices_[s].begin) * layers_[slices_[s].layer].layout.width(slices_[s].strip);
    }

    void sum_segments(Index s, Index next, Index segments, T* gradient) const {
        const T* const first = gradient_of(s, 0);
        const Index count = size_of(s, next), stride = layers_[slices_[s].layer].layout.size();
        for (Index i = 0; i < count; i += LANES<T>) {
            Vec<T> sum = load(first + i);
            for (Index segment = 1; segment < segments; ++segment) sum = sum + load(first + segment * stride + i);
            store(gradient + i, sum);
        }
    }

    void add_penalty_gradient(Index s, Index next, T* gradient, double share) const {
        if (!penalized_) return;
        const Layer<T>& layer = layers_[slices_[s].layer];
        const Index begin = slices_[s].begin, end = minimum(slices_[next - 1].end, layer.spec.inputs);  // not the biases
        const T* const weights = layer.weights.data() + layer.layout.offset(slices_[s].strip, begin);
        const Index count = (end - begin) * layer.layout.width(slices_[s].strip);
        const PenaltyGradient<T> penalty = penalty_gradient(share);
        for (Index i = 0; i < count; i += LANES<T>) store(gradient + i, penalty.added_to(load(gradient + i), load(weights + i)));
    }

    double squares_of(const Slice& slice, const T* numbers) const {
        const StripLayout<T>& layout = layers_[slice.layer].layout;
        const Index start = layout.offset(slice.strip, slice.begin), count = (slice.end - slice.begin) * layout.width(slice.strip);
        Sum64<T> sum;
        for (Index i = 0; i < count; i += LANES<T>) sum.add_square(load(numbers + start + i));
        return sum.total();
    }

    // Updates the slices [s, next) of a run with their gradient.
    void apply(Index s, Index next, const T* gradient, const StepConstants<T>& constants) {
        Layer<T>& layer = layers_[slices_[s].layer];
        const Index offset = layer.layout.offset(slices_[s].strip, slices_[s].begin);
        rule_.update(layer.weights.data() + offset, gradient, layer.moment(0, offset), layer.moment(1, offset),
                     size_of(s, next), constants);
        refresh(s, next);
    }

    // Recomputes what is derived from the weights of the slices [s, next) of a run.
    void refresh(Index s, Index next) {
        Layer<T>& layer = layers_[slices_[s].layer];
        if (slices_[s].layer > 0) {
            transpose_strip(layer.layout, layer.weights.data(), slices_[s].strip, slices_[s].begin, slices_[next - 1].end, layer.spec.inputs,
                            layer.transposed_layout, layer.transposed.data());
        }
        if (penalized_) refresh_penalties(s, next);
    }

    void refresh_penalties(Index s, Index next) {
        for (Index i = s; i < next; ++i) penalties_[slices_[i].place] = penalty_of(slices_[i]);
    }

    double penalty_of(const Slice& slice) const {
        const Layer<T>& layer = layers_[slice.layer];
        const Index start = layer.layout.offset(slice.strip, slice.begin);
        const Index count = (minimum(slice.end, layer.spec.inputs) - slice.begin) * layer.layout.width(slice.strip);
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
    const bool penalized_;
    Array<Slice> slices_;
    Array<Index> first_of_layer_;
    Buffer<double> penalties_, squares_;
};

}  // namespace glassnet::GLASSNET_ISA
