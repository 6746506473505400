/**
 * Where neurons and connections are drawn, and which of them where there is no room for all.
 *
 * @typedef {{ layer: number, neuron: number, x: number, y: number, radius: number }} Node layer 0 holds the inputs
 * @typedef {{ layer: number, from: Node, to: Node, source: number, neuron: number }} Edge layer, from 1, is that of `to`
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {Node[][]} columns the nodes that are drawn, column by column
 * @property {number[]} hidden how many nodes of each column are not drawn
 * @property {Edge[]} edges
 * @property {number} connections of the whole network
 */
import { largest } from "./arrays.js";

const SPACING = 46;
const TIGHT = 30;
const MOST_EDGES = 1500;

/**
 * @param {import("./network.js").Network} network
 * @param {number[][]} shown the neurons to draw of each column
 * @param {{ width: number, left: number, right: number, most: number }} space left and right are kept for names
 * @returns {Layout}
 */
export function layoutOf(network, shown, { width, left, right }) {
  const sizes = [network.inputs, ...network.layers.map((layer) => layer.width)];
  const tallest = Math.max(...shown.map((own, i) => own.length + (own.length < sizes[i] ? 1 : 0)));
  const spacing = tallest > 11 ? TIGHT : tallest > 8 ? 38 : SPACING;
  const height = Math.max(tallest * spacing + 56, 240);
  const step = Math.max(width - left - right, 40) / (sizes.length - 1);
  const columns = shown.map((own, layer) => {
    const entries = own.length + (own.length < sizes[layer] ? 1 : 0);
    const apart = layer ? Math.min(52, (height - 56) / entries) : spacing;
    const radius = layer ? Math.min(apart * 0.4, step * 0.24, 18) : 6;
    const top = (height - 28 - (entries - 1) * apart) / 2 + 28;
    return own.map((neuron, place) => ({ layer, neuron, x: left + layer * step, y: top + place * apart, radius }));
  });
  /** @type {Edge[]} */
  const edges = [];
  for (let layer = 1; layer < columns.length; layer++) {
    for (const from of columns[layer - 1]) {
      for (const to of columns[layer]) edges.push({ layer, from, to, source: from.neuron, neuron: to.neuron });
    }
  }
  const connections = sizes.slice(1).reduce((total, size, i) => total + size * sizes[i], 0);
  const hidden = shown.map((own, i) => sizes[i] - own.length);
  return { width, height, columns, hidden, edges, connections };
}

/**
 * The neurons to draw of each column: all, or the strongest, by the norms of their weights.
 * @param {import("./network.js").Network} network @param {import("./network.js").LayerParameters[]} layers
 * @param {number} most of a column
 * @param {{ layer: number, neuron: number | null } | null} wanted a neuron that is drawn in any case
 * @returns {number[][]}
 */
export function strongest(network, layers, most, wanted = null) {
  const sizes = [network.inputs, ...network.layers.map((layer) => layer.width)];
  return sizes.map((size, column) => {
    if (size <= most) return Array.from({ length: size }, (_, i) => i);
    const incoming = column > 0 ? norms(layers[column - 1], false) : null;
    const outgoing = column < layers.length ? norms(layers[column], true) : null;
    const strength = Array.from({ length: size }, (_, i) => (incoming?.[i] ?? 1) * (outgoing?.[i] ?? 1));
    const found = largest(strength, most - 1);
    if (wanted?.layer === column && wanted.neuron !== null && !found.includes(wanted.neuron)) found[found.length - 1] = wanted.neuron;
    return found;
  });
}

/** Norms of the weights from each input, or into each neuron. @param {import("./network.js").LayerParameters} layer @param {boolean} ofInputs */
function norms(layer, ofInputs) {
  const { weights, inputs, outputs } = layer;
  const squares = new Float64Array(ofInputs ? inputs : outputs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) squares[ofInputs ? i : o] += weights[i * outputs + o] ** 2;
  }
  return squares.map(Math.sqrt);
}

/** At most 1,500 edges, the strongest. @param {Edge[]} edges @param {import("./network.js").LayerParameters[]} layers */
export function drawnEdges(edges, layers) {
  if (edges.length <= MOST_EDGES) return edges;
  const sizes = edges.map((edge) => Math.abs(weightOf(edge, layers)));
  return largest(sizes, MOST_EDGES).map((at) => edges[at]);
}

/** @param {Edge} edge @param {import("./network.js").LayerParameters[]} layers */
export function weightOf(edge, layers) {
  const layer = layers[edge.layer - 1];
  return layer.weights[edge.source * layer.outputs + edge.neuron];
}

/** The edge nearest to a point, if it is within `reach`. @param {Edge[]} edges @param {number} x @param {number} y @param {number} reach */
export function edgeAt(edges, x, y, reach) {
  let best = null;
  let least = reach;
  for (const edge of edges) {
    const { from, to } = edge;
    if (x < Math.min(from.x, to.x) || x > Math.max(from.x, to.x)) continue;
    const t = (x - from.x) / (to.x - from.x);
    // edges are drawn as curves: see edgePath
    const ease = t * t * (3 - 2 * t);
    const slope = (6 * t * (1 - t) * (to.y - from.y)) / (to.x - from.x);
    const distance = Math.abs(y - (from.y + ease * (to.y - from.y))) / Math.hypot(1, slope);
    if (distance < least) {
      least = distance;
      best = edge;
    }
  }
  return best;
}

/** The curve of an edge, which leaves and arrives level. @param {Edge} edge */
export function edgePath({ from, to }) {
  const x0 = from.x + from.radius;
  const x1 = to.x - to.radius;
  const middle = (x1 - x0) / 3;
  return `M${x0.toFixed(1)} ${from.y.toFixed(1)}C${(x0 + middle).toFixed(1)} ${from.y.toFixed(1)} ${(x1 - middle).toFixed(1)} ${to.y.toFixed(1)} ${x1.toFixed(1)} ${to.y.toFixed(1)}`;
}
