/**
 * Losses, each with its gradient: the table of `glassnet.net.losses` in JavaScript.
 *
 * A target that is NaN is missing: its element has the loss 0 and the gradient 0.
 */
import { activateBackward } from "./activations.js";

/**
 * @typedef {object} Loss the entry of the document: `name`, `parameter`, `link`
 * @property {string} name
 * @property {number} parameter
 * @property {string | null} link the output activation with which the delta is a - y
 */

const POISSON_FLOOR = 1e-12;

/** @type {Record<string, (a: number, y: number, p: number) => number>} */
const ELEMENTS = {
  squared_error: (a, y) => (a - y) ** 2 / 2,
  absolute_error: (a, y) => Math.abs(a - y),
  huber: (a, y, p) => {
    const error = Math.abs(a - y);
    return error <= p ? error ** 2 / 2 : p * (error - p / 2);
  },
  quantile: (a, y, p) => Math.max(p * (y - a), (p - 1) * (y - a)),
  poisson: (a, y) => {
    const mean = Math.max(a, POISSON_FLOOR);
    return mean - y - y * Math.log(mean) + yLogY(y);
  },
};

/** @type {Record<string, (a: number, y: number, p: number) => number>} */
const GRADIENTS = {
  squared_error: (a, y) => a - y,
  absolute_error: (a, y) => Math.sign(a - y),
  huber: (a, y, p) => Math.min(Math.max(a - y, -p), p),
  quantile: (a, y, p) => (a > y ? 1 - p : a < y ? -p : 0),
  poisson: (a, y) => 1 - y / Math.max(a, POISSON_FLOOR),
};

/** @type {Record<string, (z: Float64Array, y: Float64Array, i: number) => number>} */
const FROM_Z = {
  poisson: (z, y, i) => Math.exp(Math.min(z[i], 700)) - y[i] - y[i] * z[i] + yLogY(y[i]),
  binary_log_loss: (z, y, i) => Math.max(z[i], 0) - y[i] * z[i] + Math.log1p(Math.exp(-Math.abs(z[i]))),
  categorical_log_loss: (z, y, i) => {
    const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    return y[i] * (Math.log(total) - (z[i] - largest));
  },
};

/** The targets that training uses: labels, smoothed if the loss is. @param {Loss} loss @param {Float64Array} y */
export function smoothed(loss, y) {
  if (!loss.name.endsWith("_log_loss") || !loss.parameter) return y;
  const classes = loss.name === "categorical_log_loss" ? y.length : 2;
  return y.map((value) => value * (1 - loss.parameter) + loss.parameter / classes);
}

/** @param {number} y */
const yLogY = (y) => (y > 0 ? y * Math.log(y) : 0);

/**
 * The loss of one row, summed over outputs.
 * @param {Loss} loss @param {string} output @param {Float64Array} z @param {Float64Array} a @param {Float64Array} y
 */
export function lossOf(loss, output, z, a, y) {
  const fromZ = output === loss.link ? FROM_Z[loss.name] : undefined;
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(y[i])) continue;
    total += fromZ ? fromZ(z, y, i) : ELEMENTS[loss.name](a[i], y[i], loss.parameter);
  }
  return total;
}

/** ∂loss/∂a of one row; a - y where the loss is computed from z. @param {Loss} loss @param {string} output @param {Float64Array} a @param {Float64Array} y */
export function outputErrors(loss, output, a, y) {
  const linked = output === loss.link;
  return a.map((value, i) => {
    if (Number.isNaN(y[i])) return 0;
    return linked ? value - y[i] : GRADIENTS[loss.name](value, y[i], loss.parameter);
  });
}

/** ∂loss/∂z of one row. @param {Loss} loss @param {string} output @param {Float64Array} z @param {Float64Array} a @param {Float64Array} y */
export function outputDeltas(loss, output, z, a, y) {
  const errors = outputErrors(loss, output, a, y);
  return output === loss.link ? errors : activateBackward(output, z, a, errors);
}
