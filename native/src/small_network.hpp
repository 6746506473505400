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

// c = a b, or c = aᵀ b if TRANSPOSED: R rows of V vectors, as in kernels.hpp but without prefetching.
template <class T, int R, int V, bool TRANSPOSED>
GLASSNET_INLINE void small_tile(const T* a, Index a_stride, const T* b, Index b_stride, Index terms, T* c, Index c_stride) {
    const Index from_row = TRANSPOSED ? 1 : a_stride, from_term = TRANSPOSED ? a_stride : 1;
    Tile<T, R, V> tile;
    tile.begin(nullptr, 0, false);
    for (Index k = 0; k < terms; ++k, a += from_term, b += b_stride) tile.add(a, from_row, b);
    tile.end(c, c_stride);
}

// The same for `rows` rows.
template <class T, int V, bool TRANSPOSED>
void small_product(const T* a, Index a_stride, const T* b, Index b_stride, Index terms, T* c, Index c_stride, Index rows) {
    const Index from_row = TRANSPOSED ? 1 : a_stride;
    for (; rows >= SMALL_TILE; rows -= SMALL_TILE, a += SMALL_TILE * from_row, c += SMALL_TILE * c_stride) {
        small_tile<T, SMALL_TILE, V, TRANSPOSED>(a, a_stride, b, b_stride, terms, c, c_stride);
    }
    if (rows == 3) small_tile<T, 3, V, TRANSPOSED>(a, a_stride, b, b_stride, terms, c, c_stride);
    if (rows == 2) small_tile<T, 2, V, TRANSPOSED>(a, a_stride, b, b_stride, terms, c, c_stride);
    if (rows == 1) small_tile<T, 1, V, TRANSPOSED>(a, a_stride, b, b_stride, terms, c, c_stride);
}

// The products of a layer with `vectors` vectors of outputs.
template <class T>
struct SmallProducts {
    using Function = void (*)(const T* a, Index a_stride, const T* b, Index b_stride, Index terms, T* c, Index c_stride, Index rows);
    Function product, transposed_product;

    static SmallProducts of(Index vectors) {
        if (vectors == 1) return {small_product<T, 1, false>, small_product<T, 1, true>};
        return {small_product<T, SMALL_VECTORS, false>, small_product<T, SMALL_VECTORS, true>};
    }
};

template <class T>
class SmallNetwork {
  public:
    SmallNetwork() = default;

    SmallNetwork(Array<Layer<T>>& layers, WeightUpdate<T>& weight_update, const Workspace<T>& space)
        : layers_(layers.size()), weight_update_(&weight_update) {
        const Index last = layers.size() - 1;
        for (Index l = 0; l <= last; ++l) {
            const Layer<T>& layer = layers[l];
            const bool hidden = l < last, keeps_slopes = hidden && layer.keeps_slopes;
            const Block<T> inputs = space.inputs[l].block(0), deltas = space.deltas[l].block(0);
            layers_[l] = {SmallProducts<T>::of(layer.layout.columns / LANES<T>),
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
            const SmallLayer& s = layers_[l];
            s.products.product(s.inputs.data, s.inputs.stride, s.weights, s.columns, s.terms, s.outputs.data, s.outputs.stride, rows);
            const Extent extent{rows, s.columns, s.outputs.stride};
            if (s.slopes) s.functions.forward_with_slopes(s.outputs.data, s.outputs.data, s.slopes, extent);
            else s.functions.forward(s.outputs.data, s.outputs.data, extent);
            T* one = s.outputs.data + s.width;
            for (Index row = 0; row < rows; ++row, one += s.outputs.stride) *one = T(1);
        }
        const SmallLayer& s = layers_[last];
        s.products.product(s.inputs.data, s.inputs.stride, s.weights, s.columns, s.terms, s.outputs.data, s.outputs.stride, rows);
    }

    void backward(Index rows) const {
        for (Index l = layers_.size() - 1; l > 0; --l) {
            const SmallLayer &s = layers_[l], &before = layers_[l - 1];
            before.products.product(s.deltas.data, s.deltas.stride, s.transposed, before.columns, s.width, before.deltas.data, before.deltas.stride, rows);
            const Extent extent{rows, before.columns, before.deltas.stride};
            if (before.slopes) multiply_elementwise(before.deltas.data, before.slopes, extent);
            else before.functions.backward(before.deltas.data, s.inputs.data, s.inputs.data, extent);
        }
    }

    void update(Index rows, double penalty_share, const StepConstants<T>& constants) const {
        alignas(64) T gradient[PANEL<T> * STRIP<T>];
        for (Index l = 0; l < layers_.size(); ++l) {
            const SmallLayer& s = layers_[l];
            const Index inputs = s.terms - 1;
            s.products.transposed_product(s.inputs.data, s.inputs.stride, s.deltas.data, s.deltas.stride, rows, gradient, s.columns, s.terms);
            weight_update_->add_penalty_gradient(s.weights, gradient, inputs * s.columns, penalty_share);
            weight_update_->rule()(s.weights, gradient, s.m, s.v, s.terms * s.columns, constants);
            for (Index row = 0; l > 0 && row < inputs; row += LANES<T>) {
                transpose_rows(s.weights + row * s.columns, s.columns, inputs - row, s.transposed + row, layers_[l - 1].columns);
            }
            weight_update_->refresh_penalties(l);
        }
    }

  private:
    struct SmallLayer {
        SmallProducts<T> products;
        ElementwiseFunctions<T> functions;
        Index terms, width, columns;  // I + 1, O, and O padded
        Block<T> inputs, outputs, deltas;
        T* slopes;  // null, if it keeps none
        T *weights, *transposed;
        T *m, *v;  // moments
    };

    Array<SmallLayer> layers_;
    WeightUpdate<T>* weight_update_ = nullptr;
};

}  // namespace glassnet::GLASSNET_ISA
