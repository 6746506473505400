/** The arithmetic of one neuron, forward and backward, and the history of its weights. */
import { html, useMemo, useState } from "../lib.js";
import { fixed, number, plural, signed, small } from "../format.js";
import { ACTIVATIONS } from "../compute/activations.js";
import { largest, sum } from "../compute/arrays.js";
import { firstStep } from "../compute/optimizers.js";
import * as store from "../store.js";
import { Card, Choice, Grid, Scroll, SignedBar, ofMember } from "./parts.js";
import { StepOfNeuron } from "./step.js";
import { FunctionPlot, WeightHistory } from "./small_plots.js";
import { Tryable } from "./tried.js";

const MOST_TERMS = 12;

/** What stands beside the picture: the selected neuron, or how to read the picture. */
export function Inspector() {
  const known = store.model.value;
  const place = store.selected.value;
  if (!known || !store.layers.value || !store.trace.value) return null;
  if (!place || place.layer > known.network.layers.length || place.neuron >= known.network.layers[place.layer - 1].width) {
    return html`<${Card} title="Look inside"><${Hint} /></${Card}>`;
  }
  return html`<${NeuronCard} place=${place} />`;
}

function Hint() {
  return html`<div class="hint"><p><b>Click a neuron</b> to see how its number is computed: every input times its weight, the bias, the sum, the activation; and on the way back its error, gradient and next change.</p>
    <p>Point at a connection to read its weight, now and at the start.</p>
    <dl class="legend"><dt><i class="line positive"></i></dt><dd>a positive weight</dd><dt><i class="line negative"></i></dt><dd>a negative weight, dashed</dd>
    <dt><i class="dot positive"></i></dt><dd>a positive activation</dd><dt><i class="dot negative"></i></dt><dd>a negative one</dd></dl>
    <p class="muted">Thickness is the size of the weight, as a share of the largest of its layer; the small dot at a neuron is its bias.</p></div>`;
}

/** @param {{ place: import("../store.js").Place }} props */
export function NeuronCard({ place }) {
  const known = store.model.value;
  if (!known) return null;
  const { layer, neuron } = place;
  const last = layer === known.network.layers.length;
  const name = known.names(layer)[neuron];
  const title = last ? `Output ${name}${ofMember()}` : `Neuron ${neuron + 1} of hidden layer ${layer}${ofMember()}`;
  const { width } = known.network.layers[layer - 1];
  const tools = html`${width > 1 && html`<${NeuronPicker} place=${place} width=${width} />`}<button type="button" class="icon" aria-label="Close" onClick=${() => store.select(null)}>×</button>`;
  return html`<${Card} title=${title} tools=${tools} class="neuron-card">
    <${StepOfNeuron} place=${place} /><${Forward} place=${place} /><${Backward} place=${place} />
    <h3>Its weights over training</h3><${WeightHistory} place=${place} />
  </${Card}>`;
}

/** input × weight + … + bias = z → activation → a. @param {{ place: import("../store.js").Place }} props */
export function Forward({ place }) {
  const [byTable, setByTable] = useState(false);
  const [all, setAll] = useState(false);
  const known = store.model.value;
  const trace = store.trace.value;
  const layers = store.layers.value;
  const before = store.initialLayers.value;
  if (!known || !trace || !layers || !before) return null;
  const at = place.layer - 1;
  const { activation } = known.network.layers[at];
  const { z, a } = { z: trace.z[at][place.neuron], a: trace.a[at][place.neuron] };
  const terms = termsOf(place, trace.inputs[at], layers[at], before[at], known.names(at));
  const sorted = byTable ? terms : [...terms].sort((p, q) => Math.abs(q.product) - Math.abs(p.product));
  const shown = all ? sorted : sorted.slice(0, MOST_TERMS);
  const rest = sorted.slice(shown.length).reduce((total, term) => total + term.product, 0);
  const bias = layers[at].biases[place.neuron];
  const most = Math.max(...terms.map((term) => Math.abs(term.product)), Math.abs(bias));
  const own = known.document.functions[activation];
  const whole = ACTIVATIONS[activation].wholeRow;
  return html`<div class="arithmetic">
    ${terms.length > 3 && html`<${Choice} label="Order of the inputs" value=${byTable} onChange=${setByTable} options=${[[false, "largest first"], [true, "in order"]]} />`}
    <${Scroll} label="Sum of the neuron"><table class="terms"><caption class="hidden-text">The sum of the neuron</caption>
      <thead><tr><th scope="col">input</th><th scope="col">value</th><td></td><th scope="col">weight</th><td></td><th scope="col">product</th><td></td></tr></thead>
      <tbody>${shown.map((term) => html`<tr key=${term.at} title=${`weight at the start: ${number(term.before)}`}>
          <th scope="row">${term.name}</th><td>${fixed(term.input, 5)}</td><td class="op">×</td><td><${Tryable} at=${term.at} value=${term.weight} label=${`weight from ${term.name}`} /></td><td class="op">=</td><td>${signed(term.product, 5)}</td><td><${SignedBar} value=${term.product} most=${most} /></td></tr>`)}
        ${shown.length < terms.length && html`<tr><th scope="row"><button type="button" class="link" onClick=${() => setAll(true)}>${plural(terms.length - shown.length, "more input")}</button></th><td></td><td></td><td></td><td></td><td>${signed(rest, 5)}</td><td></td></tr>`}
        <tr class="bias-row"><th scope="row">bias</th><td></td><td></td><td></td><td></td><td><${Tryable} at=${layers[at].start + layers[at].inputs * layers[at].outputs + place.neuron} value=${bias} label="bias" sign=${true} /></td><td><${SignedBar} value=${bias} most=${most} /></td></tr></tbody>
      <tfoot><tr><th scope="row">sum z</th><td></td><td></td><td></td><td class="op">=</td><td><b data-test="z">${fixed(z, 4)}</b></td><td></td></tr>
        <tr><th scope="row">activation a</th><td colspan="3" class="how">${activation}(z)</td><td class="op">=</td><td><b data-test="a">${a !== 0 && Math.abs(a) < 5e-4 ? number(a) : fixed(a, 4)}</b></td><td></td></tr></tfoot>
    </table></${Scroll}>
    <p class="formula"><span>a = ${own?.formula ?? activation}</span>${!whole && html`<span>slope at z: ${own?.slope} = ${number(ACTIVATIONS[activation].slope(z, a))}</span>`}</p>
    ${whole ? html`<${WholeLayer} place=${place} />` : html`<${FunctionPlot} activation=${activation} z=${z} a=${a} />`}
  </div>`;
}

/** An activation of all neurons of a layer together: softmax, by hand. @param {{ place: import("../store.js").Place }} props */
function WholeLayer({ place }) {
  const known = store.model.value;
  const trace = store.trace.value;
  if (!known || !trace) return null;
  const at = place.layer - 1;
  const most = trace.z[at].reduce((a, b) => Math.max(a, b), -Infinity); // what is subtracted changes no share, and nothing overflows
  const powers = trace.z[at].map((z) => Math.exp(z - most));
  const total = sum(powers);
  const shown = largest(powers, MOST_TERMS);
  if (!shown.includes(place.neuron)) shown[shown.length - 1] = place.neuron;
  const own = (/** @type {number} */ i, /** @type {any} */ text) => (i === place.neuron ? html`<b>${text}</b>` : text);
  const rows = shown.sort((i, j) => i - j).map((i) => [own(i, known.names(place.layer)[i]), fixed(trace.z[at][i]), small(powers[i]), own(i, number(powers[i] / total))]);
  rows.push(["sum", "", small(total), "1"]);
  return html`<${Grid} caption="Softmax of the layer" head=${["neuron", "z", html`e^(z − ${fixed(most)})`, "÷ sum = a"]} rows=${rows} />
    ${shown.length < powers.length && html`<p class="note">The largest of ${powers.length} neurons; the sum is over all.</p>`}`;
}

/** Which neuron of the layer is looked at: also those that are not drawn. @param {{ place: import("../store.js").Place, width: number }} props */
function NeuronPicker({ place: { layer, neuron }, width }) {
  const move = (/** @type {number} */ to) => store.select({ layer, neuron: (to + width) % width });
  const seek = (/** @type {any} */ event) => {
    const wanted = Math.min(Math.max(Math.round(Number(event.currentTarget.value)) || 1, 1), width);
    move(wanted - 1);
    event.currentTarget.value = wanted;
  };
  return html`<span class="row-picker"><button type="button" class="icon" aria-label="Previous neuron" onClick=${() => move(neuron - 1)}>‹</button>
    <input type="number" min="1" max=${width} value=${neuron + 1} onChange=${seek} aria-label="Number of the neuron, from 1" />
    <button type="button" class="icon" aria-label="Next neuron" onClick=${() => move(neuron + 1)}>›</button></span>`;
}

/** @param {import("../store.js").Place} place @param {Float64Array} inputs @param {any} layer @param {any} before @param {string[]} names */
function termsOf(place, inputs, layer, before, names) {
  return Array.from(inputs, (input, i) => {
    const weight = layer.weights[i * layer.outputs + place.neuron];
    return { at: layer.start + i * layer.outputs + place.neuron, name: names[i], input, weight, product: input * weight, before: before.weights[i * layer.outputs + place.neuron] };
  });
}

/** error → slope → delta → gradients → next change. @param {{ place: import("../store.js").Place, weights?: boolean }} props */
export function Backward({ place, weights = true }) {
  const known = store.model.value;
  const back = store.back.value;
  const layers = store.layers.value;
  const trace = store.trace.value;
  if (!known || !layers || !trace) return null;
  if (!back) return html`<h3>Backward</h3><p class="muted">The true value of this row is not known, so there is no error to send back.</p>`;
  const at = place.layer - 1;
  const last = place.layer === known.network.layers.length;
  const [error, slope, delta] = [back.errors[at][place.neuron], back.slopes[at][place.neuron], back.deltas[at][place.neuron]];
  const linked = last && known.network.layers[at].activation === known.objective.loss.link;
  const target = store.rowTarget.value;
  return html`<h3>Backward, for this row</h3>
    <dl class="figures">
      <div><dt>${last ? "error, ∂loss/∂a" : "error that arrives"}</dt><dd>${small(error)}</dd></div>
      <div><dt>× slope</dt><dd>${linked ? "1" : small(slope)}</dd></div>
      <div><dt>= delta</dt><dd><b data-test="delta">${small(delta)}</b></dd></div>
    </dl>
    <p class="muted">${last ? outputSentence(known, trace.a[at][place.neuron], target?.[place.neuron], linked) : `The error is the sum of the next layer's deltas, each times the weight it came through.`}</p>
    ${weights && html`<${Changes} place=${place} />`}`;
}

/** @param {any} known @param {number} a @param {number | undefined} y @param {boolean} linked */
function outputSentence(known, a, y, linked) {
  const { name, slope } = known.objective.loss;
  if (y === undefined || Number.isNaN(y)) return "This target is missing in this row, so it has no error.";
  if (linked) return `With ${name.replaceAll("_", " ")} and this activation the slope cancels out: the delta is output − actual = ${number(a)} − ${number(y)}.`;
  return `The loss is ${name.replaceAll("_", " ")}, with the gradient ${slope}; here the output is ${number(a)} and the true value ${number(y)}.`;
}

/** The gradient of each weight, and what one step would add. @param {{ place: import("../store.js").Place }} props */
export function Changes({ place }) {
  const [all, setAll] = useState(false);
  const known = store.model.value;
  const back = store.back.value;
  const layers = store.layers.value;
  const trace = store.trace.value;
  const vector = store.vector.value;
  const change = useMemo(
    () => (back && vector && known ? firstStep(known.document.optimizer, back.gradient, vector, known.document.rate) : null),
    [back, vector],
  );
  if (!known || !back || !layers || !trace || !change) return null;
  const layer = layers[place.layer - 1];
  const { outputs, inputs, start } = layer;
  const delta = back.deltas[place.layer - 1][place.neuron];
  const names = known.names(place.layer - 1);
  const rows = Array.from({ length: inputs }, (_, i) => {
    const own = start + i * outputs + place.neuron;
    return { name: names[i], input: trace.inputs[place.layer - 1][i], gradient: back.gradient[own], change: change[own] };
  });
  const bias = start + inputs * outputs + place.neuron;
  rows.push({ name: "bias", input: 1, gradient: back.gradient[bias], change: change[bias] });
  const shown = all ? rows : [...rows.slice(0, MOST_TERMS), ...(rows.length > MOST_TERMS + 1 ? rows.slice(-1) : rows.slice(MOST_TERMS))];
  const { optimizer, rate, objective } = known.document;
  const penalty = objective.l1 || objective.l2 ? " plus the penalty on the weight" : "";
  return html`<${Scroll} label="Gradients and changes"><table class="terms"><caption class="hidden-text">Gradients and next changes</caption>
      <thead><tr><th scope="col">weight from</th><th scope="col">input</th><th scope="col">gradient</th><th scope="col">next change</th></tr></thead>
      <tbody>${shown.map((own) => html`<tr><th scope="row">${own.name}</th><td>${number(own.input, 3)}</td><td>${small(own.gradient)}</td><td>${small(own.change)}</td></tr>`)}
      ${shown.length < rows.length && html`<tr><th scope="row"><button type="button" class="link" onClick=${() => setAll(true)}>${plural(rows.length - shown.length, "more weight")}</button></th><td colspan="3"></td></tr>`}</tbody></table></${Scroll}>
    <p class="muted">Gradient: input × delta (${small(delta)})${penalty}. Next change: what ${optimizer.name.replaceAll("_", " ")} would do at the rate ${number(rate)} from this row alone, with nothing remembered.</p>`;
}
