/** One row on its way through the network, forward and backward, one operation at a time. */
import { html, useEffect, useMemo, useState } from "../lib.js";
import { cell, count, fixed, number, percent, signed, small } from "../format.js";
import { decode, probabilitiesOf } from "../compute/predict.js";
import { formulaOf } from "../compute/encode.js";
import { meanOutputs, outputsOf, rowLoss } from "../compute/network.js";
import { stepsOf } from "../compute/walk.js";
import { largest } from "../compute/arrays.js";
import * as store from "../store.js";
import { Card, Grid, MemberPicker, RowPicker } from "./parts.js";
import { Picture } from "./picture.js";
import { Backward, Changes, Forward } from "./neuron.js";
import { AllRows } from "./all_rows.js";

export function WalkView() {
  const known = store.model.value;
  const labeled = store.rowTarget.value !== null;
  const steps = useMemo(() => (known ? stepsOf(known, labeled) : []), [known, labeled]);
  const [place, setPlace] = useState(0);
  const at = Math.min(place, steps.length - 1);
  const step = steps[at];
  const go = (/** @type {number} */ to) => setPlace(Math.min(Math.max(to, 0), steps.length - 1));
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (/** @type {Element} */ (event.target).closest("input, select, textarea, svg, [role=tablist]")) return;
      if (event.key === "ArrowRight") setPlace((own) => Math.min(own + 1, steps.length - 1));
      if (event.key === "ArrowLeft") setPlace((own) => Math.max(own - 1, 0));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [steps]);
  if (!known || !step) return null;
  const turn = steps.findIndex((own) => own.direction === "backward");
  return html`<div class="walk-view">
    <${Card} title="One row, step by step" tools=${html`<${MemberPicker} /><${RowPicker} />`} class="net-card"><${Picture} highlight=${{ layer: step.layer, neuron: step.neuron }} /></${Card}>
    <${Card} class="walk-card">
      <div class="walk-bar" role="group" aria-label="Steps">
        <button type="button" onClick=${() => go(at - 1)} disabled=${at === 0}>← back</button>
        <button type="button" class="primary" onClick=${() => go(at + 1)} disabled=${at === steps.length - 1}>next step →</button>
        <span class="muted">step ${at + 1} of ${steps.length}</span>
      </div>
      <label class="walk-slider"><span class="hidden-text">Step</span><input type="range" min="0" max=${steps.length - 1} value=${at} onInput=${(/** @type {any} */ event) => go(Number(event.currentTarget.value))} aria-valuetext=${step.title} style=${{ "--share": `${(100 * at) / Math.max(steps.length - 1, 1)}%` }} /></label>
      <div class="walk-jumps"><button type="button" class="link" onClick=${() => go(0)}>forward from the inputs</button>${turn > 0 && html`<button type="button" class="link" onClick=${() => go(turn)}>backward from the loss</button>`}</div>
      <div class="walk-step" aria-live="polite"><p class=${`direction ${step.direction}`}>${step.direction}</p><h2>${step.title}</h2><p class="sentence">${step.sentence}</p></div>
      <${Detail} step=${step} />
    </${Card}>
  </div>`;
}

/** The numbers of a step. @param {{ step: import("../compute/walk.js").Step }} props */
function Detail({ step }) {
  const place = step.neuron === null ? null : { layer: step.layer, neuron: step.neuron };
  if (step.kind === "encode") return html`<${Encode} />`;
  if (step.kind === "mean") return html`<${Mean} />`;
  if (step.kind === "decode") return html`<${Decode} />`;
  if (step.kind === "loss") return html`<${Loss} />`;
  if (step.kind === "layer") return html`<${LayerForward} layer=${step.layer} />`;
  if (step.kind === "layerBack") return html`<${LayerBackward} layer=${step.layer} />`;
  if (!place) return null;
  if (step.kind === "delta") return html`<${Arrivals} place=${place} /><${Backward} place=${place} weights=${false} />`;
  if (step.kind === "update") return html`<${Changes} place=${place} /><${AllRows} place=${place} />`;
  return html`<${Forward} place=${place} />`;
}

const MOST_INPUTS = 40;

function Encode() {
  const [all, setAll] = useState(false);
  const known = store.model.value;
  const row = store.row.value;
  const trace = store.trace.value;
  if (!known || !row || !trace) return null;
  let at = 0;
  const inputs = known.encoders.flatMap((encoder) =>
    encoder.input_names.map((name, place) => ({ encoder, name, place, value: trace.inputs[0][at++] })),
  );
  const short = inputs.length > MOST_INPUTS && !all;
  // of many inputs, the first of each column, and those between their limits or of the level that the row has
  const shown = short ? inputs.filter(({ encoder, place, value }) => !place || (value !== 0 && (value !== 1 || encoder.type !== "number"))) : inputs;
  const rows = shown.map(({ encoder, name, place, value }) => [name, place ? "" : cell(row[encoder.column], encoder.type), formulaOf(encoder, place), fixed(value)]);
  return html`<${Grid} caption="From columns to inputs" head=${["input", "in the table", "is made by", "value"]} rows=${rows} class="encode" />
    ${short && html`<p class="note">The other ${count(inputs.length - shown.length)} inputs are 0 or 1. <button type="button" class="link" onClick=${() => setAll(true)}>show all ${count(inputs.length)}</button></p>`}`;
}

/** The outputs of each of several networks, and their mean. */
function Mean() {
  const known = store.model.value;
  const networks = store.networks.value;
  const row = store.row.value;
  if (!known || !networks || !row) return null;
  const inputs = known.encode(row);
  const each = networks.map((layers) => outputsOf(known.network, layers, inputs));
  const shown = known.outputNames.slice(0, MOST_OUTPUTS);
  const rows = each.map((outputs, i) => [html`network ${i}${i === store.member.value ? " (shown)" : ""}`, ...shown.map((_, o) => fixed(outputs[o], 5))]);
  const mean = meanOutputs(known.network, networks, inputs);
  rows.push([html`<b>mean</b>`, ...shown.map((_, o) => html`<b>${fixed(mean[o], 5)}</b>`)]);
  return html`<${Grid} caption="The outputs of each network" head=${["", ...shown]} rows=${rows} />
    ${shown.length < known.outputNames.length && html`<p class="note">The first ${shown.length} of ${count(known.outputNames.length)} outputs.</p>`}`;
}

const MOST_OUTPUTS = 8;

function Decode() {
  const known = store.model.value;
  const networks = store.networks.value;
  const row = store.row.value;
  if (!known || !networks || !row) return null;
  const outputs = meanOutputs(known.network, networks, known.encode(row));
  const said = decode(known.target, outputs);
  if (said.probabilities) {
    const classes = known.target.classes ?? [];
    const { temperature } = known.target;
    const before = probabilitiesOf(outputs);
    const rows = classes.map((name, i) => [name, ...(temperature === 1 ? [] : [fixed(before[i], 5)]), percent(said.probabilities?.[i] ?? 0), name === said.label ? "predicted" : "", name === String(row[known.target.columns[0]]) ? "actual" : ""]);
    return html`<${Grid} caption="Probabilities" head=${["class", ...(temperature === 1 ? [] : ["p"]), "probability", "", ""]} rows=${rows} />
      ${temperature !== 1 && html`<p class="note">The probability is p to the power 1/T, divided by the sum of these over the classes, with the temperature T = ${number(temperature, 5)}. T makes the probabilities fit rows that were not trained on; the predicted class stays the same.</p>`}`;
  }
  const { lowest, highest } = known.target;
  const range = (/** @type {number} */ i) => (lowest.length ? `, kept within ${number(lowest[i], 6)} to ${number(highest[i], 6)}` : "");
  const rows = known.target.columns.map((name, i) => [name, fixed(outputs[i]), `× ${number(known.target.scale[i], 6)} + ${number(known.target.mean[i], 6)}${range(i)}`, number(said.numbers?.[i], 6), cell(row[name], "number")]);
  return html`<${Grid} caption="Prediction" head=${["target", "output", "", "predicted", "actual"]} rows=${rows} />`;
}

function Loss() {
  const known = store.model.value;
  const trace = store.trace.value;
  const y = store.rowTarget.value;
  if (!known || !trace || !y) return null;
  const { loss } = known.objective;
  const outputs = /** @type {Float64Array} */ (trace.a.at(-1));
  const rows = known.outputNames.map((name, i) => [name, fixed(outputs[i], 5), number(y[i], 5), Number.isNaN(y[i]) ? "–" : signed(outputs[i] - y[i], 5)]);
  return html`<${Grid} caption="Outputs and true values" head=${["output", "a", "actual y", "a − y"]} rows=${rows} />
    <p class="formula">${loss.name.replaceAll("_", " ")}: ${loss.formula} = <b>${number(rowLoss(known.network, trace, y, loss), 6)}</b></p>`;
}

/** The neurons of a large layer that say most. @param {{ layer: number }} props */
function LayerForward({ layer }) {
  const known = store.model.value;
  const trace = store.trace.value;
  if (!known || !trace) return null;
  const [z, a] = [trace.z[layer - 1], trace.a[layer - 1]];
  const shown = largest(a.map(Math.abs), 12);
  const rows = shown.map((i) => [html`<button type="button" class="link" onClick=${() => store.select({ layer, neuron: i })}>${known.names(layer)[i]}</button>`, fixed(z[i]), fixed(a[i])]);
  return html`<${Grid} caption="Sums and activations" head=${["neuron", "z", "a"]} rows=${rows} />
    ${shown.length < a.length && html`<p class="note">The ${shown.length} largest of ${count(a.length)} activations.</p>`}<${Selected} layer=${layer} part=${Forward} />`;
}

/** @param {{ layer: number }} props */
function LayerBackward({ layer }) {
  const known = store.model.value;
  const back = store.back.value;
  if (!known || !back) return null;
  const [errors, slopes, deltas] = [back.errors[layer - 1], back.slopes[layer - 1], back.deltas[layer - 1]];
  const shown = largest(deltas.map(Math.abs), 12);
  const rows = shown.map((i) => [html`<button type="button" class="link" onClick=${() => store.select({ layer, neuron: i })}>${known.names(layer)[i]}</button>`, small(errors[i]), small(slopes[i]), small(deltas[i])]);
  return html`<${Grid} caption="Errors, slopes and deltas" head=${["neuron", "error", "slope", "delta"]} rows=${rows} />
    ${shown.length < deltas.length && html`<p class="note">The ${shown.length} largest of ${count(deltas.length)} deltas.</p>`}<${Selected} layer=${layer} part=${Changes} />`;
}

/** The arithmetic of the neuron that was clicked, if it is of this layer. @param {{ layer: number, part: any }} props */
function Selected({ layer, part }) {
  const place = store.selected.value;
  return place?.layer === layer ? html`<h3>Neuron ${place.neuron + 1}</h3><${part} place=${place} />` : null;
}

/** Where the error of a hidden neuron comes from. @param {{ place: import("../store.js").Place }} props */
function Arrivals({ place }) {
  const known = store.model.value;
  const back = store.back.value;
  const layers = store.layers.value;
  if (!known || !back || !layers || place.layer === known.network.layers.length) return null;
  const next = layers[place.layer];
  const deltas = back.deltas[place.layer];
  const names = known.names(place.layer + 1);
  const rows = largest(deltas.map((delta, o) => Math.abs(delta * next.weights[place.neuron * next.outputs + o])), 12).map((o) => {
    const weight = next.weights[place.neuron * next.outputs + o];
    return [names[o], small(deltas[o]), fixed(weight), small(deltas[o] * weight)];
  });
  rows.push(["error that arrives", "", "", small(back.errors[place.layer - 1][place.neuron])]);
  return html`<${Grid} caption="Errors that arrive" head=${["from", "its delta", "× weight", "="]} rows=${rows} />`;
}
