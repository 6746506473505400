/**
 * The network's arithmetic in float64: forward, backward, and the first step of an optimizer.
 *
 * @typedef {{ width: number, activation: string, dropout: number }} Layer
 * @typedef {{ inputs: number, layers: Layer[] }} Network
 * @typedef {import("./arrays.js").Numbers} Numbers
 *
 * @typedef {object} LayerParameters
 * @property {Numbers} weights (I, O), row by row: the weight from input i to neuron o is `weights[i * O + o]`
 * @property {Numbers} biases (O,)
 * @property {number} inputs I
 * @property {number} outputs O
 * @property {number} start where the layer begins in the flat vector
 *
 * @typedef {object} Trace everything that a forward pass computed for one row, one entry per layer
 * @property {Float64Array[]} inputs
 * @property {Float64Array[]} z
 * @property {Float64Array[]} a
 *
 * @typedef {object} Backward one entry per layer
 * @property {Float64Array[]} errors ∂loss/∂a
 * @property {Float64Array[]} slopes ∂a/∂z; 1 in an output layer whose loss is computed from z
 * @property {Float64Array[]} deltas ∂loss/∂z
 * @property {Float64Array} gradient (P,), penalties included
 */
import { ACTIVATIONS, activate, activateBackward } from "./activations.js";
import { weightedSums } from "./layer.js";
import { lossOf, outputDeltas, outputErrors } from "./losses.js";

/** @param {Network} network */
export function parameterCount(network) {
  let inputs = network.inputs;
  let count = 0;
  for (const layer of network.layers) {
    count += (inputs + 1) * layer.width;
    inputs = layer.width;
  }
  return count;
}

/** The layers' views into the flat vector. @param {Network} network @param {Numbers} vector @returns {LayerParameters[]} */
export function layersOf(network, vector) {
  let inputs = network.inputs;
  let start = 0;
  return network.layers.map((layer) => {
    const middle = start + inputs * layer.width;
    const own = {
      weights: vector.subarray(start, middle),
      biases: vector.subarray(middle, middle + layer.width),
      inputs,
      outputs: layer.width,
      start,
    };
    inputs = layer.width;
    start = middle + layer.width;
    return own;
  });
}

/** @param {Network} network @param {LayerParameters[]} layers @param {Float64Array} row the encoded inputs (I,) @returns {Trace} */
export function forward(network, layers, row) {
  /** @type {Trace} */
  const trace = { inputs: [], z: [], a: [] };
  let inputs = row;
  network.layers.forEach((layer, number) => {
    const z = weightedSums(layers[number], inputs);
    const a = activate(layer.activation, z);
    trace.inputs.push(inputs);
    trace.z.push(z);
    trace.a.push(a);
    inputs = a;
  });
  return trace;
}

/** The outputs alone. @param {Network} network @param {LayerParameters[]} layers @param {Float64Array} row */
export function outputsOf(network, layers, row) {
  let a = row;
  network.layers.forEach((layer, number) => {
    a = activate(layer.activation, weightedSums(layers[number], a));
  });
  return a;
}

/** The activation of one neuron. @param {Network} network @param {LayerParameters[]} layers @param {Float64Array} row @param {number} layer from 1 @param {number} neuron */
export function activationOf(network, layers, row, layer, neuron) {
  let a = row;
  for (let number = 0; number < layer; number++) a = activate(network.layers[number].activation, weightedSums(layers[number], a));
  return a[neuron];
}

/** The mean of the outputs of a model's networks, from which it predicts. @param {Network} network @param {LayerParameters[][]} members @param {Float64Array} row */
export function meanOutputs(network, members, row) {
  const each = members.map((layers) => outputsOf(network, layers, row));
  return each.length === 1 ? each[0] : each[0].map((_, i) => each.reduce((total, own) => total + own[i], 0) / each.length);
}

/** weights · deltas: what arrives at the layer's inputs. @param {LayerParameters} layer @param {Float64Array} deltas */
export function backThrough(layer, deltas) {
  const errors = new Float64Array(layer.inputs);
  for (let i = 0; i < layer.inputs; i++) {
    let total = 0;
    for (let o = 0; o < layer.outputs; o++) total += layer.weights[i * layer.outputs + o] * deltas[o];
    errors[i] = total;
  }
  return errors;
}

/**
 * The backward pass of one row.
 * @param {Network} network @param {LayerParameters[]} layers @param {Trace} trace
 * @param {Float64Array} y the target as the network sees it
 * @param {{ loss: import("./losses.js").Loss, l1: number, l2: number }} objective
 * @returns {Backward}
 */
export function backward(network, layers, trace, y, objective) {
  const last = network.layers.length - 1;
  /** @type {Backward} */
  const back = { errors: [], slopes: [], deltas: [], gradient: new Float64Array(parameterCount(network)) };
  for (let number = last; number >= 0; number--) {
    const { activation } = network.layers[number];
    const z = trace.z[number];
    const a = trace.a[number];
    const linked = number === last && activation === objective.loss.link;
    const errors =
      number === last
        ? outputErrors(objective.loss, activation, a, y)
        : backThrough(layers[number + 1], back.deltas[0]);
    const deltas =
      number === last
        ? outputDeltas(objective.loss, activation, z, a, y)
        : activateBackward(activation, z, a, errors);
    const { slope } = ACTIVATIONS[activation];
    back.errors.unshift(errors);
    back.slopes.unshift(z.map((value, i) => (linked ? 1 : slope(value, a[i]))));
    back.deltas.unshift(deltas);
    addGradient(back.gradient, layers[number], trace.inputs[number], deltas, objective);
  }
  return back;
}

/** @param {Float64Array} gradient @param {LayerParameters} layer @param {Float64Array} inputs @param {Float64Array} deltas @param {{ l1: number, l2: number }} penalties */
function addGradient(gradient, layer, inputs, deltas, { l1, l2 }) {
  const { weights, outputs, start } = layer;
  for (let i = 0; i < layer.inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const w = weights[i * outputs + o];
      gradient[start + i * outputs + o] = inputs[i] * deltas[o] + l1 * Math.sign(w) + l2 * w;
    }
  }
  gradient.set(deltas, start + layer.inputs * outputs);
}

/** The loss of one row, without penalties. @param {Network} network @param {Trace} trace @param {Float64Array} y @param {import("./losses.js").Loss} loss */
export function rowLoss(network, trace, y, loss) {
  const last = network.layers.length - 1;
  return lossOf(loss, network.layers[last].activation, trace.z[last], trace.a[last], y);
}

/** ∂output/∂inputs of one row. @param {Network} network @param {LayerParameters[]} layers @param {Float64Array} row @param {number} output */
export function inputGradient(network, layers, row, output) {
  const trace = forward(network, layers, row);
  const last = network.layers.length - 1;
  let gradient = new Float64Array(network.layers[last].width);
  gradient[output] = 1;
  for (let number = last; number >= 0; number--) {
    const deltas = activateBackward(network.layers[number].activation, trace.z[number], trace.a[number], gradient);
    gradient = backThrough(layers[number], deltas);
  }
  return gradient;
}
