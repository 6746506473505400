/** The last step of the optimizer, where training is stepped through: its batch, gradients and changes. */
import { html } from "../lib.js";
import { count, fixed, plural, small } from "../format.js";
import { largest, largestSize, sum } from "../compute/arrays.js";
import { layersOf } from "../compute/network.js";
import * as store from "../store.js";
import { Behind, Card, Grid } from "./parts.js";

const MOST_TERMS = 40;

/** The step that led to the parameters that are shown; null if they come from elsewhere. */
export function shownStep() {
  const step = store.step.value;
  return step && store.moment.value === null && store.run.value?.state === "paused" ? step : null;
}

/** The whole step. */
export function StepCard() {
  const known = store.model.value;
  const step = shownStep();
  if (!known || !step) return null;
  const { optimizer, objective } = known.document;
  const terms = ["the loss of the batch, which is the mean over its rows", ...(objective.l1 || objective.l2 ? ["the penalty on the weights"] : [])];
  const [gradients, before, after] = [step.gradient, step.before, step.after].map((vector) => layersOf(known.network, vector));
  const rows = gradients.map((gradient, at) => {
    const changes = after[at].weights.map((value, i) => value - before[at].weights[i]);
    return [known.layerName(at), small(normOf(gradient.weights)), small(normOf(changes)), small(largestSize(changes)), small(largestSize(after[at].biases.map((value, i) => value - before[at].biases[i])))];
  });
  return html`<${Card} title=${`Step ${count(step.number)}: batch ${count(step.place)} of ${count(step.steps)} in epoch ${count(step.epoch)}`} class="step-card">
    <p>${plural(step.count, "row")} of the table: ${step.rows.slice(0, 12).map(count).join(", ")}${step.count > 12 ? " …" : ""}. Their objective before the step was <b data-test="step-loss">${fixed(step.loss, 5)}</b>.</p>
    <p class="muted">The gradient g is that of ${terms.join(" plus ")}${known.network.layers.some((layer) => layer.dropout) ? ", with the neurons left out that dropout left out in this step" : ""}. ${spelled(optimizer.name)} makes of it, for every weight:</p>
    <ul class="rule">${ruleWithNumbers(optimizer, step.rate, step.number).map((line) => html`<li>${line}</li>`)}</ul>
    <${Grid} caption="The step by layers" head=${["weights of", "norm of g", "norm of change", "largest change", "of a bias"]} rows=${rows} />
    ${!store.selected.value && html`<p class="note">Click a neuron to see the step of each of its weights.</p>`}
    ${step.count > 12 && html`<${Behind} label="All rows of the batch" table=${() => html`<p class="note">${step.rows.map(count).join(", ")}${step.count > step.rows.length ? ` and ${count(step.count - step.rows.length)} more` : ""}</p>`} />`}</${Card}>`;
}

/** The step of each weight of a neuron. @param {{ place: import("../store.js").Place }} props */
export function StepOfNeuron({ place }) {
  const known = store.model.value;
  const step = shownStep();
  if (!known || !step) return null;
  const views = (/** @type {import("../compute/arrays.js").Numbers} */ vector) => weightsInto(layersOf(known.network, vector)[place.layer - 1], place.neuron);
  const [before, gradient, after] = [step.before, step.gradient, step.after].map(views);
  const moments = step.moments.map((own) => views(own.after));
  const names = [...known.names(place.layer - 1), "bias"];
  const shown = largest(gradient.map(Math.abs), MOST_TERMS);
  const head = ["weight from", "before", "g", ...momentNames(known.document.optimizer), "change", "after"];
  const rows = shown.map((i) => [names[i], fixed(before[i], 5), small(gradient[i]), ...moments.map((own) => small(own[i])), html`<b>${small(after[i] - before[i])}</b>`, fixed(after[i], 5)]);
  return html`<h3>In step ${count(step.number)}</h3><${Grid} caption=${`The step of each weight of the neuron`} head=${head} rows=${rows} class="step-table" />
    ${shown.length < names.length && html`<p class="note">The ${count(shown.length)} largest of ${count(names.length)} gradients.</p>`}`;
}

/** The weights into a neuron, then its bias. @param {import("../compute/network.js").LayerParameters} layer @param {number} neuron */
function weightsInto({ weights, biases, inputs, outputs }, neuron) {
  return Float64Array.from({ length: inputs + 1 }, (_, i) => (i < inputs ? weights[i * outputs + neuron] : biases[neuron]));
}

/** @param {import("../compute/arrays.js").Numbers} values */
const normOf = (values) => Math.sqrt(sum(values.map((value) => value * value)));

/** @param {string} name */
const spelled = (name) => ({ adam: "Adam", adamw: "AdamW", rmsprop: "RMSprop" })[name] ?? name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());

/** What an optimizer remembers of each weight. @param {import("../compute/optimizers.js").Optimizer} rule @returns {string[]} */
function momentNames({ name }) {
  if (name === "gradient_descent") return [];
  if (name === "rmsprop") return ["s"];
  return name.startsWith("adam") ? ["m", "v"] : ["v"];
}

/**
 * The rule with the numbers of one step in it.
 * @param {import("../compute/optimizers.js").Optimizer} rule @param {number} rate the learning rate @param {number} step from 1
 * @returns {string[]}
 */
export function ruleWithNumbers(rule, rate, step) {
  const n = (/** @type {number} */ value) => String(Number(value.toPrecision(6))).replace("-", "−");
  const { name, beta1, beta2 } = rule;
  const start = rule.max_norm ? [`g ← g × ${n(rule.max_norm)} / ‖g‖ if ‖g‖ is larger than ${n(rule.max_norm)}`] : [];
  const velocity = () => `v ← ${n(rule.momentum)} × v − ${n(rate)} × g`;
  if (name === "gradient_descent") return [...start, `change = −${n(rate)} × g`];
  if (name === "momentum") return [...start, velocity(), "change = v"];
  if (name === "nesterov") return [...start, velocity(), `change = ${n(rule.momentum)} × v − ${n(rate)} × g`];
  if (name === "rmsprop") return [...start, `s ← ${n(rule.decay)} × s + ${n(1 - rule.decay)} × g²`, `change = −${n(rate)} × g / (√s + ${n(rule.epsilon)})`];
  const factor = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  const decay = name === "adamw" ? ` − ${n(rate * rule.weight_decay)} × weight` : "";
  return [
    ...start,
    `m ← ${n(beta1)} × m + ${n(1 - beta1)} × g`,
    `v ← ${n(beta2)} × v + ${n(1 - beta2)} × g²`,
    `change = −${n(factor)} × m / (√v + ${n(rule.epsilon)})${decay}`,
    `where ${n(factor)} = ${n(rate)} × √(1 − ${n(beta2)}^${step}) / (1 − ${n(beta1)}^${step})`,
  ];
}
