/** Small pictures in SVG: an activation with a neuron on it, and weights over training. */
import { html, useMemo } from "../lib.js";
import { count, number } from "../format.js";
import { ACTIVATIONS } from "../compute/activations.js";
import { extent } from "../compute/arrays.js";
import { layersOf } from "../compute/network.js";
import * as store from "../store.js";
import { Behind, Grid } from "./parts.js";

const [WIDE, HIGH] = [320, 120];

/** The curve of an activation, the neuron's point on it, and the tangent there. @param {{ activation: string, z: number, a: number }} props */
export function FunctionPlot({ activation, z, a }) {
  const { f, slope } = ACTIVATIONS[activation];
  const reach = Math.max(4, Math.min(Math.abs(z) * 1.25, 12));
  const xs = Array.from({ length: 97 }, (_, i) => ((i - 48) / 48) * reach);
  const [low, high] = extent([...xs.map(f), 0]);
  const margin = (high - low) * 0.14 || 1;
  const x = (/** @type {number} */ value) => ((value + reach) / (2 * reach)) * WIDE;
  const y = (/** @type {number} */ value) => HIGH - ((value - low + margin) / (high - low + 2 * margin)) * HIGH;
  const curve = xs.map((value, i) => `${i ? "L" : "M"}${x(value).toFixed(1)} ${y(f(value)).toFixed(1)}`).join("");
  const shown = Math.min(Math.max(z, -reach), reach);
  const tilt = slope(z, a);
  const run = reach * 0.22;
  const tangent = `M${x(shown - run)} ${y(f(shown) - tilt * run)}L${x(shown + run)} ${y(f(shown) + tilt * run)}`;
  return html`<svg class="plot" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`${activation}: z ${number(z)} becomes a ${number(a)}; the slope there is ${number(tilt)}.`}>
    <line class="axis" x1="0" x2=${WIDE} y1=${y(0)} y2=${y(0)} /><line class="axis" x1=${x(0)} x2=${x(0)} y1="0" y2=${HIGH} />
    <path class="curve" d=${curve} /><path class="tangent" d=${tangent} />
    <path class="drop" d=${`M${x(shown)} ${y(0)}V${y(f(shown))}H${x(0)}`} /><circle class="here" cx=${x(shown)} cy=${y(f(shown))} r="4.5" />
    <text x=${x(shown)} y=${y(0) + (y(0) > HIGH - 16 ? -6 : 14)} text-anchor="middle">z</text><text x=${x(0) + (shown < 0 ? 6 : -6)} y=${y(f(shown)) + 4} text-anchor=${shown < 0 ? "start" : "end"}>a</text>
  </svg>`;
}

/** The weights into a neuron, and its bias, at the recorded epochs. @param {{ place: import("../store.js").Place }} props */
export function WeightHistory({ place }) {
  const known = store.model.value;
  const own = store.own.value;
  const grown = store.grown.value;
  const lines = useMemo(() => (known && own ? linesOf(known, own, place) : null), [known, own, grown, place.layer, place.neuron]);
  if (!known || !lines) return null;
  if (lines.epochs.length < 2) {
    return html`<p class="muted">Only the start and the end of this training were recorded; train with snapshots to see the way between them.</p>`;
  }
  const { epochs, names, values } = lines;
  const [low, high] = extent(values.flat());
  const margin = (high - low) * 0.08 || 1;
  const last = epochs.at(-1) ?? 1;
  const x = (/** @type {number} */ epoch) => (epoch / last) * WIDE;
  const y = (/** @type {number} */ value) => HIGH - ((value - low + margin) / (high - low + 2 * margin)) * HIGH;
  const here = store.shownEpoch.value;
  return html`<svg class="plot" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`${names.length} weights over ${count(last)} epochs`}>
      ${low < 0 && high > 0 && html`<line class="axis" x1="0" x2=${WIDE} y1=${y(0)} y2=${y(0)} />`}
      ${values.map((line, i) => html`<path class=${`weight-line ${i === values.length - 1 ? "bias-line" : (line.at(-1) ?? 0) < 0 ? "negative" : "positive"}`} d=${line.map((/** @type {number} */ value, /** @type {number} */ at) => `${at ? "L" : "M"}${x(epochs[at]).toFixed(1)} ${y(value).toFixed(1)}`).join("")}><title>${names[i]}: ${number(line[0])} → ${number(line.at(-1))}</title></path>`)}
      ${here <= last && html`<line class="now" x1=${x(here)} x2=${x(here)} y1="0" y2=${HIGH} />`}
      <text x="2" y="10">${number(high, 3)}</text><text x="2" y=${HIGH - 3}>${number(low, 3)}</text><text x=${WIDE - 2} y=${HIGH - 3} text-anchor="end">epoch ${count(last)}</text>
    </svg>
    <${Behind} table=${() => html`<${Grid} caption="Weights over training" head=${["weight from", "at the start", `at epoch ${count(last)}`]} rows=${values.map((line, i) => [names[i], number(line[0], 6), number(line.at(-1), 6)])} />`} />`;
}

/** At most 40 weights and 200 moments. @param {any} known @param {any} own @param {import("../store.js").Place} place */
function linesOf(known, own, place) {
  const all = own.moments.epochs.map((/** @type {number} */ epoch, /** @type {number} */ at) => ({ epoch, vector: own.moments.vectors[at] })).filter((/** @type {any} */ each) => each.vector);
  const stride = Math.ceil(all.length / 200);
  const some = all.filter((/** @type {any} */ _, /** @type {number} */ i) => i % stride === 0 || i === all.length - 1);
  const views = some.map((/** @type {any} */ each) => layersOf(known.network, each.vector)[place.layer - 1]);
  const inputs = Math.min(views[0].inputs, 40);
  const names = [...known.names(place.layer - 1).slice(0, inputs), "bias"];
  const values = names.map((_, i) => views.map((/** @type {any} */ layer) => (i < inputs ? layer.weights[i * layer.outputs + place.neuron] : layer.biases[place.neuron])));
  return { epochs: some.map((/** @type {any} */ each) => each.epoch), names, values };
}
