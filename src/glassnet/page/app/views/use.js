/** A form made of the table's columns that predicts as it is filled in, with the reasons beside it. */
import { html, useMemo } from "../lib.js";
import { cell, count, number, percent, signed } from "../format.js";
import { contributions, overColumns } from "../compute/attribution.js";
import { isMissing } from "../compute/encode.js";
import { nearestRows } from "../compute/neighbors.js";
import { meanOutputs, outputsOf, parameterCount } from "../compute/network.js";
import { decode } from "../compute/predict.js";
import { argmax, extent } from "../compute/arrays.js";
import * as store from "../store.js";
import { Card, Grid, SignedBar } from "./parts.js";

export function UseView() {
  const known = store.model.value;
  const networks = store.networks.value;
  const row = store.edited.value ?? store.row.value;
  if (!known || !networks || !row) return null;
  const set = (/** @type {string} */ name, /** @type {any} */ value) => (store.edited.value = { ...row, [name]: value });
  const reset = html`<button type="button" class="link" onClick=${() => (store.edited.value = null)} disabled=${!store.edited.value}>back to the row</button>`;
  return html`<div class="use-view">
    <${Card} title="Values of the columns" tools=${reset} class="form-card"><div class="form">${known.encoders.map((encoder) => html`<${Field} key=${encoder.column} ...${{ known, encoder, value: row[encoder.column] ?? null, set }} />`)}</div></${Card}>
    <div class="answers"><${Answer} ...${{ known, networks, row }} /><${Reasons} ...${{ known, networks, row }} /><${Nearest} ...${{ known, networks, row }} /></div>
  </div>`;
}

/** @param {any} props */
function Field({ known, encoder, value, set }) {
  const column = known.column(encoder.column) ?? {};
  const id = `field-${known.encoders.indexOf(encoder)}`;
  const missing = isMissing(value);
  const gap = html`<label class="check gap"><input type="checkbox" checked=${missing} onChange=${(/** @type {any} */ event) => set(encoder.column, event.currentTarget.checked ? null : startOf(encoder, column))} />missing</label>`;
  const label = html`<label for=${id}>${encoder.column}</label>`;
  if (encoder.type === "number") {
    const [low, high] = [column.minimum ?? encoder.center - 2 * encoder.scale, column.maximum ?? encoder.center + 2 * encoder.scale];
    const margin = (high - low || 1) * 0.25;
    const outside = !missing && (value < low || value > high);
    const share = (/** @type {number} */ own) => `${(100 * (own - low + margin)) / (high - low + 2 * margin || 1)}%`;
    const input = (/** @type {any} */ event) => set(encoder.column, event.currentTarget.value === "" ? null : Number(event.currentTarget.value));
    return html`<div class=${`field ${outside ? "outside" : ""}`}>${label}<input id=${id} type="number" step="any" value=${missing ? "" : value} onInput=${input} />${gap}
      <input type="range" aria-label=${`${encoder.column}, slider`} min=${low - margin} max=${high + margin} step=${stepOf(low, high)} value=${missing ? (low + high) / 2 : value} onInput=${input} style=${{ "--low": share(low), "--high": share(high) }} class="ranged" />
      <small>${outside ? "outside the training range, " : "training range "}${number(low)} to ${number(high)}</small></div>`;
  }
  if (encoder.type === "datetime") {
    const text = missing ? "" : new Date(value * 1000).toISOString().slice(0, 16);
    return html`<div class="field">${label}<input id=${id} type="datetime-local" value=${text} onInput=${(/** @type {any} */ event) => set(encoder.column, event.currentTarget.value ? Date.parse(`${event.currentTarget.value}Z`) / 1000 : null)} />${gap}</div>`;
  }
  const levels = encoder.type === "boolean" ? booleanLevels(encoder, column) : encoder.levels ?? [];
  const listed = missing || levels.includes(String(value)) ? levels : [...levels, String(value)];
  return html`<div class="field">${label}<select id=${id} value=${missing ? "" : String(value)} onChange=${(/** @type {any} */ event) => set(encoder.column, event.currentTarget.value || null)}>
      ${missing && html`<option value="" selected>missing</option>`}${listed.map((/** @type {string} */ own) => html`<option value=${own} selected=${own === String(value)}>${own}</option>`)}${encoder.other && html`<option value="any other value">any other value</option>`}</select>${gap}
      ${!missing && !levels.includes(String(value)) && html`<small>training had no such value</small>`}</div>`;
}

/** @param {any} encoder @param {any} column */
const booleanLevels = (encoder, column) => (column.examples?.length ? [...column.examples] : [encoder.no[0], encoder.yes[0]]);

/** @param {any} encoder @param {any} column */
function startOf(encoder, column) {
  if (encoder.type === "number") return Number(Number(encoder.fill).toPrecision(4));
  return encoder.type === "datetime" ? Math.round(encoder.mean / 60) * 60 : column.examples?.[0] ?? null;
}

/** A step that gives round numbers. @param {number} low @param {number} high */
const stepOf = (low, high) => 10 ** Math.floor(Math.log10((high - low || 1) / 100));

/** @param {any} props */
function Answer({ known, networks, row }) {
  const said = decode(known.target, meanOutputs(known.network, networks, known.encode(row)));
  const warnings = known.encoders.flatMap((/** @type {any} */ encoder) => {
    const column = known.column(encoder.column) ?? {};
    const value = row[encoder.column];
    if (encoder.type === "number" && !isMissing(value) && (value < column.minimum || value > column.maximum)) return [encoder.column];
    return [];
  });
  const actual = known.target.columns.map((/** @type {string} */ name) => row[name]).filter((/** @type {any} */ value) => value != null);
  return html`<${Card} title=${`Prediction: ${known.target.columns.join(", ")}`} class="answer">
    ${said.numbers && html`<dl class="big">${said.numbers.map((value, i) => html`<div>${said.numbers && said.numbers.length > 1 && html`<dt>${known.target.columns[i]}</dt>`}<dd data-test="prediction">${number(value, 5)}</dd></div>`)}</dl>`}
    ${said.probabilities && html`<p class="big" data-test="prediction">${said.label}</p><ul class="bars">${(known.target.classes ?? []).map((/** @type {string} */ name, /** @type {number} */ i) => html`<li><span>${name}</span><i class="bar"><i style=${{ width: `${100 * (said.probabilities?.[i] ?? 0)}%` }}></i></i><b>${percent(said.probabilities?.[i] ?? 0)}</b></li>`)}</ul>`}
    <${Spread} ...${{ known, networks, row, said }} />
    ${actual.length > 0 && !store.edited.value && html`<p class="muted">In the table: ${actual.map((/** @type {any} */ value) => cell(value, "")).join(", ")}</p>`}
    ${warnings.length > 0 && html`<p class="warning" role="status">Outside the training range: ${warnings.join(", ")}. The prediction there is a guess.</p>`}
  </${Card}>`;
}

/** How far the networks of a model agree. @param {any} props */
function Spread({ known, networks, row, said }) {
  if (networks.length === 1) return null;
  const each = networks.map((/** @type {any} */ layers) => decode(known.target, outputsOf(known.network, layers, known.encode(row))));
  if (said.numbers) {
    const ranges = said.numbers.map((/** @type {number} */ _, /** @type {number} */ i) => extent(each.map((/** @type {any} */ own) => own.numbers[i])).map((/** @type {number} */ end) => number(end, 5)).join(" to "));
    return html`<p class="muted">The mean of ${networks.length} networks, which predict ${ranges.join("; ")}.</p>`;
  }
  const agree = each.filter((/** @type {any} */ own) => own.label === said.label).length;
  return html`<p class="muted">The mean of ${networks.length} networks, of which ${agree} predict${agree === 1 ? "s" : ""} ${said.label}.</p>`;
}

/** Integrated gradients. @param {any} props */
function Reasons({ known, networks, row }) {
  const inputs = known.encode(row);
  const outputs = meanOutputs(known.network, networks, inputs);
  const output = outputs.length > 1 && known.classifies ? argmax(outputs) : 0;
  const pieces = Math.min(Math.max(Math.round(4e5 / parameterCount(known.network)), 2), 48);
  const found = useMemo(() => contributions(known.network, networks, known.means, inputs, output, pieces), [networks, inputs, output]);
  const scale = known.classifies ? 1 : known.target.scale[output];
  const shift = known.classifies ? 0 : known.target.mean[output];
  const values = overColumns(known.encoders, found.parts).map((value) => value * scale);
  const order = values.map((_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, 10);
  const most = Math.max(...values.map(Math.abs), 1e-12);
  const rows = order.map((i) => [known.encoders[i].column, signed(values[i]), html`<${SignedBar} value=${values[i]} most=${most} />`]);
  const { temperature } = known.target;
  const what = known.classifies ? `the probability of ${known.outputNames[output]}${temperature === 1 ? "" : " (before the temperature)"}` : known.target.columns[output];
  return html`<${Card} title="Why" note=${`What each column contributed to ${what}: from ${number(found.start * scale + shift)} for an average row to ${number(found.end * scale + shift)} here (integrated gradients).`}>
    <${Grid} caption="Contributions of the columns" head=${["column", "contribution", ""]} rows=${rows} class="reasons" />
    ${Math.abs(found.gap * scale) > 0.01 * most && html`<p class="note">Error of the sum: ${number(found.gap * scale, 2)}.</p>`}</${Card}>`;
}

/** @param {any} props */
function Nearest({ known, networks, row }) {
  const inputs = known.encode(row);
  const found = useMemo(() => nearestRows(known.rows.map((/** @type {any} */ own) => known.encode(own)), inputs, 6), [known, inputs]);
  if (!known.rows.length) return null;
  const { numbers, total } = known.document.rows;
  const near = found.nearest.filter(({ at }) => store.edited.value || at !== store.rowAt.value).slice(0, 5);
  const rows = near.map(({ at, distance }) => {
    const said = decode(known.target, meanOutputs(known.network, networks, known.encode(known.rows[at])));
    const actual = known.target.columns.map((/** @type {string} */ name) => cell(known.rows[at][name], "")).join(", ");
    return [html`<button type="button" class="link" onClick=${() => store.walkRow(at)}>row ${count(numbers[at])}</button>`, number(distance, 3), said.label ?? said.numbers?.map((value) => number(value)).join(", "), actual];
  });
  return html`<${Card} title="The rows most like it" note=${`Among ${known.rows.length < total ? `${count(known.rows.length)} of ` : ""}${count(total)} rows; the median distance is ${number(found.typical, 3)}.`}>
    <${Grid} caption="Nearest rows" head=${["row", "distance", "predicted", "actual"]} rows=${rows} /></${Card}>`;
}

