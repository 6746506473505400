/**
 * From a row to a prediction in the target's own values.
 *
 * @typedef {object} Target the target encoding of the document
 * @property {string[]} columns
 * @property {"regression" | "binary" | "multiclass"} task
 * @property {string[] | null} classes
 * @property {number[]} mean
 * @property {number[]} scale
 * @property {number[]} lowest the ends of the range that predicted numbers are kept within; empty for none
 * @property {number[]} highest
 * @property {number} temperature of the probabilities; 1 for none
 *
 * @typedef {object} Prediction
 * @property {Float64Array} outputs the network's own
 * @property {Float64Array | null} probabilities one for each class; null for numbers
 * @property {string | null} label the predicted class; null for numbers
 * @property {number[] | null} numbers in the targets' units; null for classes
 */
import { argmax } from "./arrays.js";

/** @param {Target} target @param {Float64Array} outputs @returns {Prediction} */
export function decode(target, outputs) {
  if (!target.classes) {
    const units = Array.from(outputs, (value, i) => value * target.scale[i] + target.mean[i]);
    const numbers = target.lowest.length ? units.map((value, i) => Math.min(Math.max(value, target.lowest[i]), target.highest[i])) : units;
    return { outputs, probabilities: null, label: null, numbers };
  }
  const chosen = outputs.length === 1 ? Number(outputs[0] > 0.5) : argmax(outputs);
  const probabilities = tempered(probabilitiesOf(outputs), target.temperature);
  return { outputs, probabilities, label: target.classes[chosen], numbers: null };
}

/** @param {Float64Array} outputs */
export function probabilitiesOf(outputs) {
  const clipped = outputs.map((value) => Math.min(Math.max(value, 0), 1));
  if (clipped.length === 1) return Float64Array.of(1 - clipped[0], clipped[0]);
  const total = clipped.reduce((a, b) => a + b, 0);
  return clipped.map((value) => (total > 0 ? value / total : 1 / clipped.length));
}

/**
 * Probabilities as the softmax of log(p) / temperature: less certain above 1, more certain below.
 * @param {Float64Array} shares @param {number} temperature
 */
export function tempered(shares, temperature) {
  if (temperature === 1) return shares;
  const logarithms = shares.map((share) => Math.log(Math.max(share, Number.EPSILON)) / temperature);
  const largest = Math.max(...logarithms);
  const powers = logarithms.map((value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/**
 * The target of a row as the network sees it, (O,); null if the row has none.
 * @param {Target} target @param {import("./encode.js").Row} row @param {number} outputs
 * @returns {Float64Array | null}
 */
export function encodeTarget(target, row, outputs) {
  if (!target.classes) {
    const values = target.columns.map((name, i) => {
      const value = row[name];
      return value == null || value === "" ? NaN : (Number(value) - target.mean[i]) / target.scale[i];
    });
    return values.every(Number.isNaN) ? null : Float64Array.from(values);
  }
  const place = target.classes.indexOf(String(row[target.columns[0]]));
  if (place < 0) return null;
  if (outputs === 1) return Float64Array.of(place);
  const encoded = new Float64Array(outputs);
  encoded[place] = 1;
  return encoded;
}

/** A name for each output: the classes (the second of two), or the targets. @param {Target} target @param {number} outputs */
export function outputNames(target, outputs) {
  return target.classes ? target.classes.slice(-outputs) : target.columns;
}
