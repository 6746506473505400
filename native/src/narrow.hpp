// Steps of a network whose layers are all narrow, for batches of few rows on one thread.
//
// There a step is over in less than a microsecond, and to look up what each kernel works on would be a good
// part of it. So that is looked up once, when the workspace is made; the kernels are those of fused.hpp.
#pragma once

#include "units.hpp"

namespace glassnet::GLASSNET_TARGET {

constexpr Index NARROW_ROWS = 64;  // batches of fewer rows count as small

template <class T>
class NarrowNetwork {
  public:
    NarrowNetwork() = default;

    NarrowNetwork(Array<Layer<T>>& layers, Units<T>& units, const Workspace<T>& space) : stations_(layers.size()), units_(&units) {
        const Index last = layers.size() - 1;
        for (Index l = 0; l <= last; ++l) {
            Layer<T>& layer = layers[l];
            stations_[l] = {layer.fused,
                            layer.spec.inputs + 1,
                            layer.spec.outputs,
                            layer.form.columns,
                            block(space.inputs[l], 0),
                            block(l < last ? space.inputs[l + 1] : space.output.z, 0),
                            block(space.deltas[l], 0),
                            l < last && layer.keeps_slopes ? space.slopes[l].data : nullptr,
                            l < last ? layer.spec.outputs : NOWHERE,
                            layer.weights.data(),
                            layer.turned.data(),
                            layer.moment(0, 0),
                            layer.moment(1, 0)};
        }
    }

    static bool suits(const Array<Layer<T>>& layers) {
        for (const Layer<T>& layer : layers) {
            if (!layer.fused.forward || layer.spec.inputs + 1 > PANEL<T> || layer.spec.dropout > 0) return false;
        }
        return true;
    }

    void forward(Index rows) const {
        for (const Station& s : stations_) s.kernels.forward(s.inputs, s.terms, s.weights, s.outputs, s.slopes, s.ones, rows);
    }

    void backward(Index rows) const {
        for (Index l = stations_.size() - 1; l > 0; --l) {
            const Station &s = stations_[l], &before = stations_[l - 1];
            before.kernels.backward(s.deltas, s.width, s.turned, before.deltas, s.inputs.data, before.slopes, rows);
        }
    }

    void update(Index rows, double penalty_share, const StepConstants<T>& constants) const {
        for (Index l = 0; l < stations_.size(); ++l) {
            const Station& s = stations_[l];
            s.kernels.update(s.inputs, s.deltas, rows, s.weights, s.first, s.second, s.terms, constants,
                             units_->penalty_slope(penalty_share, s.terms - 1));
            const Index inputs = s.terms - 1, turned_width = round_up(inputs, LANES<T>);
            for (Index row = 0; l > 0 && row < inputs; row += LANES<T>) {
                turn_rows(s.weights + row * s.columns, s.columns, inputs - row, s.turned + row, turned_width);
            }
            units_->settle_penalties(l);
        }
    }

  private:
    struct Station {
        Fused<T> kernels;
        Index terms, width, columns;  // I + 1, O and O padded
        Block<T> inputs, outputs, deltas;
        T* slopes;
        Index ones;
        T *weights, *turned, *first, *second;  // the latter the moments
    };

    Array<Station> stations_;
    Units<T>* units_ = nullptr;
};

}  // namespace glassnet::GLASSNET_TARGET
