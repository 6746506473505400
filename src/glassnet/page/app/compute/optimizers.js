/**
 * The first step of each optimizer, with nothing to remember: what it adds to the parameters.
 *
 * @typedef {{ name: string, [constant: string]: any }} Optimizer the name and the constants
 */

/**
 * @param {Optimizer} rule @param {Float64Array} gradient (P,)
 * @param {import("./arrays.js").Numbers} parameters (P,)
 * @param {number} rate the learning rate
 * @returns {Float64Array}
 */
export function firstStep(rule, gradient, parameters, rate) {
  const g = rule.max_norm ? clipped(gradient, rule.max_norm) : gradient;
  switch (rule.name) {
    case "gradient_descent":
    case "momentum":
      return g.map((value) => -rate * value);
    case "nesterov":
      return g.map((value) => -rate * (1 + rule.momentum) * value);
    case "rmsprop":
      return g.map((value) => (-rate * value) / (Math.sqrt((1 - rule.decay) * value * value) + rule.epsilon));
    default:
      return adam(rule, g, parameters, rate);
  }
}

/** Adam and AdamW. @param {Optimizer} rule @param {Float64Array} g @param {import("./arrays.js").Numbers} parameters @param {number} rate */
function adam(rule, g, parameters, rate) {
  const { beta1, beta2, epsilon } = rule;
  const corrected = (rate * Math.sqrt(1 - beta2)) / (1 - beta1);
  const tiny = 2.2250738585072014e-308;
  return g.map((value, i) => {
    const m = (1 - beta1) * value;
    const v = (1 - beta2) * value * value;
    const decay = rule.name === "adamw" ? rate * rule.weight_decay * parameters[i] : 0;
    return (-corrected * m) / (Math.sqrt(v) + Math.max(epsilon, tiny)) - decay;
  });
}

/** @param {Float64Array} gradient @param {number} longest */
function clipped(gradient, longest) {
  const norm = Math.sqrt(gradient.reduce((total, value) => total + value * value, 0));
  return norm > longest ? gradient.map((value) => (value * longest) / norm) : gradient;
}
