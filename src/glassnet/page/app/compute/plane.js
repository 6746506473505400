/**
 * The plane of two columns of numbers, over which outputs and activations are drawn.
 *
 * @typedef {object} Plane
 * @property {[string, string]} columns across and up
 * @property {[number, number][]} ranges
 */
import { activate } from "./activations.js";
import { extent } from "./arrays.js";
import { weightedSums } from "./layer.js";

const COARSE = 20; // points a side of the small map of a neuron
const MOST_MAPS = 40; // neurons that get one

/** Features that are made of the first two columns, by name: as the toy tables have them. */
/** @type {Record<string, (x: number, y: number) => number>} */
export const FEATURES = {
  "x1²": (x) => x * x,
  "x2²": (x, y) => y * y,
  "x1·x2": (x, y) => x * y,
  "sin x1": (x) => Math.sin(x),
  "sin x2": (x, y) => Math.sin(y),
};

/** The plane of a model whose columns are two numbers, or are made of them; null for others. @param {import("./model.js").Model} model @returns {Plane | null} */
export function plane(model) {
  if (cache.has(model)) return cache.get(model) ?? null;
  const free = model.encoders.filter((encoder) => !(encoder.column in FEATURES));
  const made = free.length < model.encoders.length;
  const fits = free.length === 2 && free.every((encoder) => encoder.type === "number");
  const found = fits && (!made || free.every((encoder) => /^x[12]$/.test(encoder.column))) ? planeOf(model, free[0].column, free[1].column) : null;
  cache.set(model, found);
  return found;
}

/** @type {WeakMap<import("./model.js").Model, Plane | null>} */
const cache = new WeakMap();

/** The plane of any two columns of numbers. @param {import("./model.js").Model} model @param {string} across @param {string} up @returns {Plane} */
export function planeOf(model, across, up) {
  const ranges = [across, up].map((name) => {
    const column = model.column(name);
    const values = model.rows.map((row) => row[name]).filter((value) => typeof value === "number");
    const [low, high] = values.length ? extent(values) : [column?.minimum ?? 0, column?.maximum ?? 1];
    const margin = (high - low || 1) * 0.06;
    return /** @type {[number, number]} */ ([low - margin, high + margin]);
  });
  return { columns: [across, up], ranges };
}

/**
 * The encoded inputs of a grid over the plane, row by row from the top; other columns are those of `row`.
 * @param {import("./model.js").Model} model @param {Plane} plane @param {number} points @param {import("./encode.js").Row} row
 */
export function gridOf(model, { columns, ranges }, points, row) {
  const [across, up] = columns;
  const at = (/** @type {number} */ i, /** @type {[number, number]} */ [low, high]) => low + ((i + 0.5) / points) * (high - low);
  const made = model.encoders.map((encoder) => encoder.column).filter((name) => name in FEATURES);
  return Array.from({ length: points * points }, (_, place) => {
    const x = at(place % points, ranges[0]);
    const y = at(points - 1 - Math.floor(place / points), ranges[1]);
    const own = { ...row, [across]: x, [up]: y };
    if (across === "x1" && up === "x2") for (const name of made) own[name] = FEATURES[name](x, y);
    return model.encode === undefined ? new Float64Array() : encodeOnce(model, own);
  });
}

/** Without remembering the row. @param {import("./model.js").Model} model @param {import("./encode.js").Row} row */
function encodeOnce(model, row) {
  const inputs = model.encode(row);
  model.encoded.delete(row);
  return inputs;
}

/**
 * A small picture for each input and neuron: its value over the plane, as a data URL; the first list has the inputs.
 * @param {import("./model.js").Model} model @param {import("./network.js").LayerParameters[]} layers @param {Plane} plane
 * @returns {string[][] | null}
 */
export function heatmaps(model, layers, plane) {
  const neurons = model.network.layers.reduce((total, layer) => total + layer.width, 0);
  if (neurons > MOST_MAPS || typeof document === "undefined") return null;
  let grid = grids.get(model);
  if (!grid) {
    grid = gridOf(model, plane, COARSE, model.rows[0] ?? {});
    grids.set(model, grid);
  }
  let inputs = grid;
  const first = Array.from({ length: model.network.inputs }, (_, input) => imageOf(inputs.map((own) => own[input]), COARSE));
  const rest = model.network.layers.map((layer, number) => {
    inputs = inputs.map((own) => activate(layer.activation, weightedSums(layers[number], own)));
    return Array.from({ length: layer.width }, (_, neuron) => imageOf(inputs.map((own) => own[neuron]), COARSE));
  });
  return [first, ...rest];
}

/** @type {WeakMap<import("./model.js").Model, Float64Array[]>} */
const grids = new WeakMap();

/** @type {HTMLCanvasElement | null} */
let canvas = null;

/** Values of a square grid as a picture; blue above their middle (0, or ½ for values from 0 to 1), orange below. @param {number[]} values @param {number} side */
export function imageOf(values, side) {
  canvas ??= document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (!context) return "";
  const image = context.createImageData(side, side);
  const [low, high] = extent(values);
  const middle = low >= 0 && high <= 1 ? 0.5 : 0;
  const most = Math.max(high - middle, middle - low, 1e-9);
  values.forEach((value, i) => image.data.set(blend((value - middle) / most), 4 * i));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

const [BLUE, ORANGE, PALE] = [[0, 114, 178], [213, 94, 0], [242, 243, 245]];

/** From -1, orange, to 1, blue. @param {number} share */
function blend(share) {
  const end = share < 0 ? ORANGE : BLUE;
  const t = Math.min(Math.abs(share), 1);
  return [...PALE.map((pale, i) => pale + (end[i] - pale) * t), 255];
}
