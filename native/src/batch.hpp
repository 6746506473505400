// The rows of a step, and how they come into a workspace.
#pragma once

#include "layers.hpp"

namespace glassnet::GLASSNET_TARGET {

// A batch: rows [first, first + count) of the order, and what they weigh.
struct Batch {
    Index first, count;
    double weight;
    const Index* order;
    Index row(Index i) const { return order ? order[first + i] : first + i; }
    double divisor() const { return weight != 0 ? weight : 1.0; }
};

// Step `number` of an epoch.
template <class T>
Batch batch_of(const RowsView<T>& rows, const Course& course, Index epoch, Index number) {
    const Index first = least(number * course.batch, rows.count);
    Batch batch{first, least(course.batch, rows.count - first), 0, course.orders ? course.orders + epoch * rows.count : nullptr};
    if (!rows.weights) batch.weight = double(batch.count);
    else for (Index i = 0; i < batch.count; ++i) batch.weight += double(rows.weights[batch.row(i)]);
    return batch;
}

template <class T>
void copy_row(const Panels<T>& to, Index row, const T* from, Index columns) {
    for (Index first = 0, panel = 0; first < columns; first += PANEL<T>, ++panel) {
        T* const piece = to.row(panel, row);
        const Index count = least<Index>(PANEL<T>, columns - first);
        for (Index i = 0; i < count; ++i) piece[i] = from[first + i];
    }
}

// Copies rows [begin, end) of a chunk into the workspace, which has them from row `at` on.
template <class T>
void load_rows(const Array<Layer<T>>& layers, const Workspace<T>& space, const RowsView<T>& rows, const Batch& batch, Index from, Index begin, Index end,
               Index at) {
    const Index inputs = layers[0].spec.inputs, outputs = layers[layers.size() - 1].spec.outputs;
    for (Index r = begin; r < end; ++r) {
        const Index row = batch.row(from + r), to = at + r;
        if (space.sparse) space.sparse_rows[to] = rows.entries.row(row);
        else copy_row(space.inputs[0], to, rows.inputs + row * inputs, inputs);
        if (rows.targets) copy_row(space.output.targets, to, rows.targets + row * outputs, outputs);
        const double weight = rows.weights ? double(rows.weights[row]) : 1.0;
        space.weights[to] = weight;
        space.shares[to] = T(weight / batch.divisor());
    }
    if (!space.sparse) set_ones(space.inputs[0], inputs, at + begin, at + end);
}

}  // namespace glassnet::GLASSNET_TARGET
