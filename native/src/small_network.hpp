// Steps of a network of small layers, for batches of few rows on one thread.
//
// Such a step takes less than a microsecond. Finding the memory and the kernels of every layer would be a large part
// of that, so they are looked up once, when the workspace is allocated.
#pragma once

#include "weight_update.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr Index SMALL_BATCH = 64;  // batches of fewer rows are small
constexpr int SMALL_VECTORS = 2;   // the outputs of a small layer, in vectors, at most
constexpr int SMALL_TILE = 4;      // rows of a tile: more rows would hardly be faster

// Calls tile(R, first row) for tiles of R rows, a constant, until `rows` rows are done.
template <class F>
GLASSNET_INLINE void for_each_tile(Index rows, const F& tile) {
    Index row = 0;
    for (; row + SMALL_TILE <= rows; row += SMALL_TILE) tile(std::integral_constant<int, SMALL_TILE>{}, row);
    if (rows - row == 3) tile(std::integral_constant<int, 3>{}, row);
    if (rows - row == 2) tile(std::integral_constant<int, 2>{}, row);
    if (rows - row == 1) tile(std::integral_constant<int, 1>{}, row);
}

// A tile of a product, as in kernels.hpp but without prefetching: R rows of V vectors.
template <class T, int R, int V>
GLASSNET_INLINE Tile<T, R, V> small_tile(const T* a, Index from_row, Index from_term, const T* b, Index b_stride, Index terms) {
    Tile<T, R, V> tile;
    tile.begin(nullptr, 0, false);
    for (Index k = 0; k < terms; ++k, a += from_term, b += b_stride) tile.add(a, from_row, b);
    return tile;
}

// c = a b, where b has V vectors a row.
template <class T, int V>
void small_product(const Block<T>& a, const T* b, Index terms, const Block<T>& c, Index rows) {
    for_each_tile(rows, [&](auto R, Index row) GLASSNET_LAMBDA {
        small_tile<T, R, V>(a.data + row * a.stride, a.stride, 1, b, V * LANES<T>, terms).end(c.data + row * c.stride, c.stride);
    });
}

template <class T>
struct SmallLayer;

// The gradient of R rows of a layer's weights, one vector of each, summed over `rows` rows of the batch, and the update
// of these weights by the optimizer U. The first `penalized` rows of the layer have penalties.
template <class T, class U, int R>
GLASSNET_INLINE void small_update_tile(const SmallLayer<T>& layer, Index row, Index column, Index rows, Index penalized,
                                       const PenaltyGradient<T>& penalty, const StepConstants<T>& constants) {
    const Block<T>&inputs = layer.inputs, &deltas = layer.deltas;
    const auto tile = small_tile<T, R, 1>(inputs.data + row, 1, inputs.stride, deltas.data + column, deltas.stride, rows);
    GLASSNET_UNROLL
    for (int r = 0; r < R; ++r) {
        const Index at = (row + r) * layer.columns + column;
        const Vec<T> gradient = tile.sum[r][0];
        U::update(layer.weights, layer.m, layer.v, at, row + r < penalized ? penalty.added_to(gradient, load(layer.weights + at)) : gradient, constants);
    }
}

// The same for all weights of a layer.
template <class T, class U>
void small_update(const SmallLayer<T>& layer, Index rows, const PenaltyGradient<T>& penalty, const StepConstants<T>& constants) {
    const StepConstants<T> c = constants;  // a copy, which the compiler knows is not overwritten
    const Index terms = layer.terms, penalized = penalty.exists ? terms - 1 : 0;  // not the biases
    for (Index column = 0; column < layer.columns; column += LANES<T>) {
        Index row = 0;
        for (; row + SMALL_TILE <= terms; row += SMALL_TILE) small_update_tile<T, U, SMALL_TILE>(layer, row, column, rows, penalized, penalty, c);
        for (; row < terms; ++row) small_update_tile<T, U, 1>(layer, row, column, rows, penalized, penalty, c);
    }
}

template <class T>
using SmallProduct = void (*)(const Block<T>& a, const T* b, Index terms, const Block<T>& c, Index rows);
template <class T>
using SmallUpdate = void (*)(const SmallLayer<T>& layer, Index rows, const PenaltyGradient<T>& penalty, const StepConstants<T>& constants);

template <class T>
struct SmallLayer {
    SmallProduct<T> product;  // by the weights of the layer, or by the transposed weights of the next
    ElementwiseFunctions<T> functions;
    Index terms, width, columns;  // I + 1, O, and O padded
    Block<T> inputs, outputs, deltas;
    T* slopes;  // null, if it keeps none
    T *weights, *transposed;
    T *m, *v;  // moments
};

template <class T>
class SmallNetwork {
  public:
    SmallNetwork() = default;

    SmallNetwork(Array<Layer<T>>& layers, Optimizer optimizer, WeightUpdate<T>& weight_update, const Workspace<T>& space)
        : layers_(layers.size()), weight_update_(&weight_update),
          update_(with_optimizer<T>(optimizer, [](auto rule) -> SmallUpdate<T> { return small_update<T, decltype(rule)>; })) {
        const Index last = layers.size() - 1;
        for (Index l = 0; l <= last; ++l) {
            const Layer<T>& layer = layers[l];
            const bool hidden = l < last, keeps_slopes = hidden && layer.keeps_slopes;
            const Block<T> inputs = space.inputs[l].block(0), deltas = space.deltas[l].block(0);
            layers_[l] = {layer.layout.columns == LANES<T> ? small_product<T, 1> : small_product<T, SMALL_VECTORS>,
                          layer.functions,
                          layer.spec.inputs + 1,
                          layer.spec.outputs,
                          layer.layout.columns,
                          inputs,
                          (hidden ? space.inputs[l + 1] : space.output.z).block(0),
                          deltas,
                          keeps_slopes ? space.slopes[l].data : nullptr,
                          layer.weights.data(),
                          layer.transposed.data(),
                          layer.moment(0, 0),
                          layer.moment(1, 0)};
        }
    }

    // Whether every layer is small: few outputs, one panel of inputs, and no dropout.
    static bool supports(const Array<Layer<T>>& layers) {
        for (const Layer<T>& layer : layers) {
            if (layer.layout.columns > SMALL_VECTORS * LANES<T> || layer.spec.inputs + 1 > PANEL<T> || layer.spec.dropout > 0) return false;
        }
        return true;
    }

    void forward(Index rows) const {
        const Index last = layers_.size() - 1;
        for (Index l = 0; l < last; ++l) {
            const SmallLayer<T>& s = layers_[l];
            s.product(s.inputs, s.weights, s.terms, s.outputs, rows);
            const Extent extent{rows, s.columns, s.outputs.stride};
            if (s.slopes) s.functions.forward_with_slopes(s.outputs.data, s.outputs.data, s.slopes, extent);
            else s.functions.forward(s.outputs.data, s.outputs.data, extent);
            T* one = s.outputs.data + s.width;
            for (Index row = 0; row < rows; ++row, one += s.outputs.stride) *one = T(1);
        }
        const SmallLayer<T>& s = layers_[last];
        s.product(s.inputs, s.weights, s.terms, s.outputs, rows);
    }

    void backward(Index rows) const {
        for (Index l = layers_.size() - 1; l > 0; --l) {
            const SmallLayer<T>&s = layers_[l], &before = layers_[l - 1];
            before.product(s.deltas, s.transposed, s.width, before.deltas, rows);
            const Extent extent{rows, before.columns, before.deltas.stride};
            if (before.slopes) multiply_elementwise(before.deltas.data, before.slopes, extent);
            else before.functions.backward(before.deltas.data, s.inputs.data, s.inputs.data, extent);
        }
    }

    void update(Index rows, double penalty_share, const StepConstants<T>& constants) const {
        const PenaltyGradient<T> penalty = weight_update_->penalty_gradient(penalty_share);
        for (Index l = 0; l < layers_.size(); ++l) {
            const SmallLayer<T>& s = layers_[l];
            const Index inputs = s.terms - 1;
            update_(s, rows, penalty, constants);
            for (Index row = 0; l > 0 && row < inputs; row += LANES<T>) {
                transpose_rows(s.weights + row * s.columns, s.columns, inputs - row, s.transposed + row, layers_[l - 1].columns);
            }
            weight_update_->refresh_penalties(l);
        }
    }

  private:
    Array<SmallLayer<T>> layers_;
    WeightUpdate<T>* weight_update_ = nullptr;
    SmallUpdate<T> update_ = nullptr;
};

}  // namespace glassnet::GLASSNET_ISA
