// The rows of a step, and how they are copied into a workspace.
#pragma once

#include "layers.hpp"

namespace glassnet::GLASSNET_ISA {

// Rows [first, first + count) of the order, and their total weight.
struct Batch {
    Index first, count;
    double weight;
    const Index* order;
    Index row(Index i) const { return order ? order[first + i] : first + i; }
    double divisor() const { return weight != 0 ? weight : 1.0; }
};

// The batch of step `number` of an epoch.
template <class T>
Batch batch_of(const RowsView<T>& rows, const EpochsRequest& request, Index epoch, Index number) {
    const Index first = minimum(number * request.batch_size, rows.count);
    Batch batch{first, minimum(request.batch_size, rows.count - first), 0, request.orders ? request.orders + epoch * rows.count : nullptr};
    if (!rows.weights) batch.weight = double(batch.count);
    else for (Index i = 0; i < batch.count; ++i) batch.weight += double(rows.weights[batch.row(i)]);
    return batch;
}

template <class T>
void copy_row(const Panels<T>& to, Index row, const T* from, Index columns) {
    for (Index first = 0, panel = 0; first < columns; first += PANEL<T>, ++panel) {
        T* const piece = to.row(panel, row);
        const Index count = minimum<Index>(PANEL<T>, columns - first);
        for (Index i = 0; i < count; ++i) piece[i] = from[first + i];
    }
}

// The rows of a batch may be anywhere in memory: each is prefetched while so many others before it are copied.
constexpr Index PREFETCH_LEAD = 16;

template <class T>
void prefetch_row(const T* row, Index columns) {
    const char *at = reinterpret_cast<const char*>(row), *const end = reinterpret_cast<const char*>(row + columns);
    for (; at < end; at += CACHE_LINE) prefetch(at);
    prefetch(end - 1);
}

// Copies rows [from + begin, from + end) of a batch to rows [at + begin, at + end) of the workspace.
template <class T>
void load_rows(const Array<Layer<T>>& layers, const Workspace<T>& space, const RowsView<T>& rows, const Batch& batch, Index from, Index begin,
               Index end, Index at) {
    const Index inputs = layers[0].spec.inputs, outputs = layers[layers.size() - 1].spec.outputs;
    for (Index r = begin; r < end; ++r) {
        const Index row = batch.row(from + r), to = at + r;
        if (batch.order && r + PREFETCH_LEAD < end) {
            const Index later = batch.row(from + r + PREFETCH_LEAD);
            if (!space.sparse) prefetch_row(rows.inputs + later * inputs, inputs);
            if (rows.targets) prefetch_row(rows.targets + later * outputs, outputs);
        }
        if (space.sparse) space.sparse_rows[to] = rows.sparse_inputs.row(row);
        else copy_row(space.inputs[0], to, rows.inputs + row * inputs, inputs);
        if (rows.targets) copy_row(space.output.targets, to, rows.targets + row * outputs, outputs);
        const double weight = rows.weights ? double(rows.weights[row]) : 1.0;
        space.weights[to] = weight;
        space.shares[to] = T(weight / batch.divisor());
    }
    if (!space.sparse) set_ones(space.inputs[0], inputs, at + begin, at + end);
}

}  // namespace glassnet::GLASSNET_ISA
