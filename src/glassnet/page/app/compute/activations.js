/**
 * Activations, each with its derivative: the table of `glassnet.net.activations` in JavaScript.
 *
 * @typedef {object} Activation
 * @property {(z: number) => number} f from z to a
 * @property {(z: number, a: number) => number} slope from z and a to ∂a/∂z
 * @property {boolean} [wholeRow] whether a neuron's a also depends on the z of the others (softmax)
 */

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;
const LEAKY_SLOPE = 0.01;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** @param {number} z */
function sigmoid(z) {
  const e = Math.exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

/** @param {number} z */
const geluTanh = (z) => Math.tanh(GELU_SCALE * (z + GELU_CUBIC * z ** 3));

/** tanh(log(1 + exp(z))), without overflow. @param {number} z */
function tanhOfSoftplus(z) {
  const e = Math.exp(-Math.abs(z));
  const numerator = z < 0 ? e * (e + 2) : 1 + 2 * e;
  return numerator / (numerator + (z < 0 ? 2 : 2 * e * e));
}

/** @type {Record<string, Activation>} */
export const ACTIVATIONS = {
  identity: { f: (z) => z, slope: () => 1 },
  step: { f: (z) => (z > 0 ? 1 : 0), slope: () => 0 },
  relu: { f: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  leaky_relu: { f: (z) => (z > 0 ? z : LEAKY_SLOPE * z), slope: (z) => (z > 0 ? 1 : LEAKY_SLOPE) },
  elu: { f: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z, a) => (z > 0 ? 1 : a + 1) },
  selu: {
    f: (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(z)),
    slope: (z, a) => (z > 0 ? SELU_SCALE : a + SELU_SCALE * SELU_ALPHA),
  },
  sigmoid: { f: sigmoid, slope: (z, a) => a * (1 - a) },
  tanh: { f: Math.tanh, slope: (z, a) => 1 - a * a },
  softplus: { f: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: (z) => sigmoid(z) },
  gelu: {
    f: (z) => (z * (1 + geluTanh(z))) / 2,
    slope: (z) => {
      const t = geluTanh(z);
      return (1 + t + z * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * z * z)) / 2;
    },
  },
  silu: {
    f: (z) => z * sigmoid(z),
    slope: (z, a) => {
      const s = sigmoid(z);
      return s + a * (1 - s);
    },
  },
  mish: {
    f: (z) => z * tanhOfSoftplus(z),
    slope: (z) => {
      const t = tanhOfSoftplus(z);
      return t + z * (1 - t * t) * sigmoid(z);
    },
  },
  exponential: { f: (z) => Math.exp(Math.min(z, 700)), slope: (z, a) => a },
  softmax: { f: (z) => z, slope: (z, a) => a * (1 - a), wholeRow: true },
};

/** The activations of a layer. @param {string} name @param {Float64Array} z @returns {Float64Array} */
export function activate(name, z) {
  if (!ACTIVATIONS[name].wholeRow) return z.map(ACTIVATIONS[name].f);
  const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const e = z.map((value) => Math.exp(value - largest));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
}

/**
 * From ∂loss/∂a to ∂loss/∂z.
 * @param {string} name @param {Float64Array} z @param {Float64Array} a @param {Float64Array} gradient
 * @returns {Float64Array}
 */
export function activateBackward(name, z, a, gradient) {
  const { slope, wholeRow } = ACTIVATIONS[name];
  if (!wholeRow) return gradient.map((g, i) => g * slope(z[i], a[i]));
  const mean = gradient.reduce((total, g, i) => total + g * a[i], 0);
  return gradient.map((g, i) => a[i] * (g - mean));
}
