/**
 * One row on its way forward and backward, one operation at a time.
 *
 * @typedef {object} Step
 * @property {"encode" | "sum" | "activate" | "mean" | "decode" | "loss" | "delta" | "update" | "layer" | "layerBack"} kind
 * @property {string} title
 * @property {string} sentence what happens and why, in one sentence
 * @property {number} layer the column of the picture that it concerns: 0 for the inputs
 * @property {number | null} neuron
 * @property {"forward" | "backward"} direction
 */

const MOST_NEURONS = 48;

/**
 * @param {import("./model.js").Model} model
 * @param {boolean} labeled whether the row has a target, without which there is no way back
 * @returns {Step[]}
 */
export function stepsOf(model, labeled) {
  const { network } = model;
  const layers = network.layers.length;
  const neurons = network.layers.reduce((total, layer) => total + layer.width, 0);
  const each = neurons <= MOST_NEURONS ? forwardOfNeuron : forwardOfLayer;
  const steps = [encodeStep(model)];
  for (let layer = 1; layer <= layers; layer++) steps.push(...each(model, layer));
  const members = model.members.length;
  if (members > 1) {
    steps.push({
      kind: "mean",
      title: `The mean of ${members} networks`,
      sentence: "Each network makes its own outputs of the row, as this one did; the model predicts with their mean.",
      layer: layers,
      neuron: null,
      direction: "forward",
    });
  }
  steps.push({
    kind: "decode",
    title: "The prediction",
    sentence: model.classifies
      ? "The outputs are read as probabilities of the classes, and the most probable class is predicted."
      : "The output is brought back to the target's own units: times its standard deviation, plus its mean.",
    layer: layers,
    neuron: null,
    direction: "forward",
  });
  if (!labeled) return steps;
  steps.push({
    kind: "loss",
    title: "The loss",
    sentence: `The output${members > 1 ? " of this network" : ""} is compared with the true value: the loss is what training makes smaller.`,
    layer: layers,
    neuron: null,
    direction: "backward",
  });
  const back = neurons <= MOST_NEURONS ? backwardOfNeuron : backwardOfLayer;
  for (let layer = layers; layer >= 1; layer--) steps.push(...back(model, layer));
  return steps;
}

/** @param {import("./model.js").Model} model @returns {Step} */
function encodeStep(model) {
  const many = model.encoders.length;
  return {
    kind: "encode",
    title: "The row becomes inputs",
    sentence: `A network takes numbers only: each of the ${many} columns becomes one or several inputs.`,
    layer: 0,
    neuron: null,
    direction: "forward",
  };
}

/** @param {import("./model.js").Model} model @param {number} layer @returns {Step[]} */
function forwardOfNeuron(model, layer) {
  return model.names(layer).flatMap((name, neuron) => {
    const place = { layer, neuron, direction: /** @type {const} */ ("forward") };
    const of = `${capital(name)} ${model.ofLayer(layer - 1)}`;
    return [
      {
        kind: /** @type {const} */ ("sum"),
        title: `${of}: multiply and add`,
        sentence: "Every input is multiplied by its weight; the products and the bias are added up to z.",
        ...place,
      },
      {
        kind: /** @type {const} */ ("activate"),
        title: `${of}: activate`,
        sentence: `The activation ${model.network.layers[layer - 1].activation} turns z into a, which goes on to the next layer.`,
        ...place,
      },
    ];
  });
}

/** @param {import("./model.js").Model} model @param {number} layer @returns {Step[]} */
function forwardOfLayer(model, layer) {
  const { width, activation } = model.network.layers[layer - 1];
  return [
    {
      kind: "layer",
      title: `${capital(model.layerName(layer - 1))}: ${width} neurons`,
      sentence: `Every neuron adds up its inputs times its weights, plus its bias, to z, and ${activation} turns z into a.`,
      layer,
      neuron: null,
      direction: "forward",
    },
  ];
}

/** @param {import("./model.js").Model} model @param {number} layer @returns {Step[]} */
function backwardOfNeuron(model, layer) {
  const last = layer === model.network.layers.length;
  return model.names(layer).flatMap((name, neuron) => {
    const place = { layer, neuron, direction: /** @type {const} */ ("backward") };
    const of = `${capital(name)} ${model.ofLayer(layer - 1)}`;
    return [
      {
        kind: /** @type {const} */ ("delta"),
        title: `${of}: its share of the error`,
        sentence: last
          ? "The error of the output, times the slope of its activation, is its delta: which way z should move."
          : "Every delta of the next layer comes back through the weight it went through; their sum times the slope is this neuron's delta.",
        ...place,
      },
      {
        kind: /** @type {const} */ ("update"),
        title: `${of}: gradient and next change`,
        sentence: "A weight's gradient is its input times the delta; the next step moves the weight against it.",
        ...place,
      },
    ];
  });
}

/** @param {import("./model.js").Model} model @param {number} layer @returns {Step[]} */
function backwardOfLayer(model, layer) {
  return [
    {
      kind: "layerBack",
      title: `${capital(model.layerName(layer - 1))}: deltas and gradients`,
      sentence: "Deltas come back through the weights; input times delta is the gradient of each weight.",
      layer,
      neuron: null,
      direction: "backward",
    },
  ];
}

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
