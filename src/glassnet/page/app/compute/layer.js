/**
 * One layer of a network.
 *
 * @typedef {import("./arrays.js").Numbers} Numbers
 *
 * @typedef {object} LayerParameters
 * @property {Numbers} weights (I, O), row by row: the weight from input i to neuron o is `weights[i * O + o]`
 * @property {Numbers} biases (O,)
 * @property {number} inputs I
 * @property {number} outputs O
 * @property {number} [start] where the layer begins in the flat vector
 */

/** z = inputs · weights + biases. @param {LayerParameters} layer @param {Float64Array} inputs */
export function weightedSums(layer, inputs) {
  const { weights, biases, outputs } = layer;
  const z = new Float64Array(outputs);
  for (let i = 0; i < layer.inputs; i++) {
    const x = inputs[i];
    if (x === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) z[o] += x * weights[row + o];
  }
  for (let o = 0; o < outputs; o++) z[o] += biases[o];
  return z;
}
