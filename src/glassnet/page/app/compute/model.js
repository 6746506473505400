/**
 * The document as the views use it: parameters unpacked, rows as objects, names at hand.
 *
 * @typedef {import("./encode.js").Row} Row
 * @typedef {import("./arrays.js").Numbers} Numbers
 *
 * @typedef {object} Member one network of the model
 * @property {Numbers} initial
 * @property {Numbers} learnt
 * @property {Moments} moments the recorded epochs, from 0, in ascending order
 * @property {Curves} curves
 *
 * @typedef {{ epochs: number[], vectors: Numbers[] }} Moments
 *
 * @typedef {object} Curves
 * @property {number[]} loss
 * @property {number[]} validation
 * @property {number[]} score
 * @property {number[]} rate
 * @property {string} metric
 * @property {number} best the epoch that was kept
 * @property {string} reason why training stopped
 * @property {number} seconds
 */
import { unpack, unpackRows } from "./arrays.js";
import { encodeRow } from "./encode.js";
import { encodeTarget, outputNames } from "./predict.js";

/** A model that is ready to be drawn. */
export class Model {
  /** @param {any} document */
  constructor(document) {
    this.document = document;
    /** @type {import("./network.js").Network} */
    this.network = document.network;
    /** @type {import("./encode.js").Encoder[]} */
    this.encoders = document.encoders;
    /** @type {import("./predict.js").Target} */
    this.target = document.target;
    this.objective = document.objective;
    this.single = document.engine.dtype === "float32";
    /** @type {Member[]} */
    this.members = document.members.map(memberOf);
    this.inputNames = this.encoders.flatMap((encoder) => encoder.input_names);
    this.outputNames = outputNames(this.target, this.network.layers.at(-1)?.width ?? 1);
    this.rows = rowsOf(document.rows);
    /** @type {(string | null)[]} the part of the table that each row belongs to: train, validation or holdout */
    this.parts = document.rows?.parts ?? [];
    /** @type {Map<Row, Float64Array>} */
    this.encoded = new Map();
    /** @type {string[][]} of each hidden layer */
    this.neurons = this.network.layers.map(({ width }) => Array.from({ length: width }, (_, i) => `neuron ${i + 1}`));
  }

  /** The column of schema with this name. @param {string} name */
  column(name) {
    const { columns, target } = this.document.schema;
    return [...columns, ...target].find((column) => column.name === name);
  }

  /** The encoded inputs of a row. @param {Row} row @returns {Float64Array} */
  encode(row) {
    let inputs = this.encoded.get(row);
    if (!inputs) {
      inputs = encodeRow(this.encoders, row, this.single);
      this.encoded.set(row, inputs);
    }
    return inputs;
  }

  /** The target of a row as the network sees it; null if it is unknown. @param {Row} row */
  targetOf(row) {
    return encodeTarget(this.target, row, this.outputNames.length);
  }

  /** The names of what layer `number` receives; after the last layer, of the outputs. @param {number} number from 0 */
  names(number) {
    if (number === 0) return this.inputNames;
    if (number === this.network.layers.length) return this.outputNames;
    return this.neurons[number - 1];
  }

  /** "hidden layer 2", "output layer". @param {number} number from 0 */
  layerName(number) {
    return number === this.network.layers.length - 1 ? "output layer" : `hidden layer ${number + 1}`;
  }

  /** "of hidden layer 2", "of the output layer". @param {number} number from 0 */
  ofLayer(number) {
    return `of ${number === this.network.layers.length - 1 ? "the " : ""}${this.layerName(number)}`;
  }

  /** Means of the inputs over the training rows, from which contributions start. */
  get means() {
    const packed = this.document.statistics?.means;
    return packed ? Float64Array.from(unpack(packed)) : new Float64Array(this.network.inputs);
  }

  /** Whether the target is a class. */
  get classifies() {
    return this.target.classes !== null;
  }
}

/** @param {any} packed @returns {Member} */
function memberOf(packed) {
  const initial = unpack(packed.initial);
  const learnt = unpack(packed.learnt);
  const curves = curvesOf(packed.history);
  return { initial, learnt, moments: new Recorded(packed.snapshots, initial, learnt, curves.best), curves };
}

/** The recorded epochs, whose parameters are unpacked when they are first asked for. */
class Recorded {
  /** @param {any} snapshots @param {Numbers} initial @param {Numbers} learnt @param {number} best */
  constructor(snapshots, initial, learnt, best) {
    /** @type {number[]} */
    this.epochs = [0, ...(snapshots?.epochs ?? [])];
    this.packed = snapshots?.parameters;
    this.added = best > 0 && !this.epochs.includes(best);
    if (this.added) this.epochs = [...this.epochs, best].sort((a, b) => a - b);
    this.learntAt = this.epochs.indexOf(best);
    this.initial = initial;
    this.learnt = learnt;
    /** @type {Numbers[] | null} */
    this.known = null;
  }

  /** One for each epoch; undefined for those that have not arrived. @returns {Numbers[]} */
  get vectors() {
    if (this.known) return this.known;
    const arrived = !this.packed?.element || document.readyState !== "loading";
    const between = this.packed && arrived ? unpackRows(this.packed) : Array(this.packed?.shape[0] ?? 0).fill(undefined);
    const all = [this.initial, ...between];
    if (this.added) all.splice(this.learntAt, 0, this.learnt);
    if (arrived) this.known = all;
    return all;
  }
}

/** @param {any} history @returns {Curves} */
export function curvesOf(history) {
  const list = (/** @type {any} */ packed) => Array.from(unpack(packed));
  return {
    loss: list(history.loss),
    validation: list(history.validation_loss),
    score: list(history.validation_score),
    rate: list(history.rate),
    metric: history.metric,
    best: history.best_epoch,
    reason: history.stop_reason,
    seconds: history.seconds,
  };
}

/** @param {{ numbers: number[], columns: Record<string, any> } | null} packed @returns {Row[]} */
export function rowsOf(packed) {
  if (!packed) return [];
  const columns = Object.entries(packed.columns).map(([name, values]) => [name, Array.isArray(values) ? values : numbersOrNull(values)]);
  return packed.numbers.map((_, at) => Object.fromEntries(columns.map(([name, values]) => [name, values[at]])));
}

/** @param {import("./arrays.js").Packed} packed */
const numbersOrNull = (packed) => Array.from(unpack(packed), (value) => (Number.isNaN(value) ? null : value));

/** A row to begin with where the model has none: the middle of each column. @param {Model} model @returns {Row} */
export function typicalRow(model) {
  /** @type {Row} */
  const row = {};
  for (const encoder of model.encoders) {
    const column = model.column(encoder.column);
    if (encoder.type === "number") row[encoder.column] = Number(Number(encoder.fill).toPrecision(4));
    else if (encoder.type === "datetime") row[encoder.column] = encoder.mean;
    else row[encoder.column] = column?.examples?.[0] ?? encoder.levels?.[0] ?? null;
  }
  return row;
}
