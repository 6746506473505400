/** Which columns matter, by several methods, and what the doctor says. */
import { html, useState } from "../lib.js";
import { fixed, number, spaced } from "../format.js";
import * as store from "../store.js";
import { Missing } from "./missing.js";
import { Behind, Card, Choice, Grid } from "./parts.js";

/** @type {Record<string, string>} */
const MEANINGS = {
  permutation: "How much the loss rises when the values of the column are shuffled among the rows.",
  gradient_input: "Mean size of gradient × input of the column, as a share.",
  garson: "Share of the weights that lead from the column to the output (Garson).",
  olden: "Sum over all paths of the products of weights, as a share (Olden).",
  gedeon: "Share of the weights, handed on through all layers (Gedeon).",
};

/** @type {Record<string, string>} */
const METHODS = { permutation: "permutation", gradient_input: "gradient × input", garson: "Garson", olden: "Olden", gedeon: "Gedeon" };

export function ColumnsView() {
  const known = store.model.value;
  if (!known) return null;
  return html`<div class="columns-view">
    ${known.document.importances ? html`<${Importances} found=${known.document.importances} />` : html`<${Missing} what="Importances" />`}
    <${Understood} known=${known} />
  </div>`;
}

/** @param {{ found: any }} props */
function Importances({ found }) {
  const kinds = Object.keys(found.values);
  const [kind, setKind] = useState(kinds[0]);
  const own = kinds.includes(kind) ? kind : kinds[0];
  const values = found.values[own].map((/** @type {number | null} */ value) => value ?? 0);
  const errors = found.errors[own];
  const order = values.map((/** @type {number} */ _, /** @type {number} */ i) => i).sort((/** @type {number} */ a, /** @type {number} */ b) => values[b] - values[a]);
  const most = Math.max(...values.map(Math.abs), 1e-12);
  return html`<${Card} title="Which columns matter" class="importances" tools=${html`<${Choice} label="Method" value=${own} onChange=${setKind} options=${kinds.map((name) => [name, METHODS[name] ?? spaced(name)])} />`} note=${MEANINGS[own]}>
    <ul class="bars">${order.slice(0, 30).map((/** @type {number} */ i) => html`<li><span>${found.columns[i]}</span><i class="bar"><i style=${{ width: `${(100 * Math.max(values[i], 0)) / most}%` }}></i></i><b>${number(values[i], 3)}${errors ? html`<small> ± ${number(errors[i], 2)}</small>` : ""}</b></li>`)}</ul>
    ${order.length > 30 && html`<p class="note">The first 30 of ${order.length} columns.</p>`}
    <p class="note">The methods measure different things: where they disagree, look at all of them.</p>
    <${Behind} label="All methods as a table" table=${() => html`<${Grid} caption="Importances" head=${["column", ...kinds.map((name) => METHODS[name] ?? spaced(name))]} rows=${order.map((/** @type {number} */ i) => [found.columns[i], ...kinds.map((name) => fixed(found.values[name][i], 4))])} />`} /></${Card}>`;
}

/** How each column was understood. @param {{ known: any }} props */
function Understood({ known }) {
  const { columns, target, notes } = known.document.schema;
  const rows = [...target.map((/** @type {any} */ own) => [own, `target, ${known.target.task}`]), ...columns.map((/** @type {any} */ own) => [own, own.type === "unusable" ? "left out" : own.type])].map(([own, type]) => [own.name, type, known.document.schema.descriptions[own.name]]);
  return html`<${Card} title="How the columns were understood"><${Grid} caption="Columns" numeric=${false} head=${["column", "type", "values"]} rows=${rows} />
    ${notes.map((/** @type {string} */ note) => html`<p class="note">${note}</p>`)}</${Card}>`;
}

export function DoctorView() {
  const known = store.model.value;
  if (!known) return null;
  const found = known.document.findings;
  if (!found) return html`<div class="doctor-view"><${Missing} what="The doctor" /></div>`;
  const looked = `Checked: ${found.checked.map(spaced).join(", ")}.`;
  return html`<div class="doctor-view">
    ${found.findings.length === 0 && html`<${Card} title="Nothing looks wrong"><p class="muted">${looked}</p></${Card}>`}
    ${found.findings.map((/** @type {any} */ finding) => html`<${Finding} finding=${finding} />`)}
    ${found.findings.length > 0 && html`<p class="note">${looked}</p>`}
    ${Object.entries(found.skipped).length > 0 && html`<p class="note">Not checked: ${Object.entries(found.skipped).map(([name, reason]) => `${spaced(name)} (${reason})`).join("; ")}.</p>`}
  </div>`;
}

/** @param {{ finding: any }} props */
function Finding({ finding }) {
  const live = store.live.value;
  const settings = store.workshop.value?.settings;
  const change = finding.change && Object.keys(finding.change).length ? finding.change : null;
  const apply = () => {
    store.view.value = "network";
    live?.start({ settings: { ...settings, ...change }, play: true });
  };
  return html`<${Card} title=${html`<span class=${`severity ${finding.severity}`}>${finding.severity}</span> ${finding.title}`} class="finding">
    <p>${finding.evidence}</p><p class="remedy"><b>What to do:</b> ${finding.remedy}</p>
    ${live && change && html`<button type="button" class="primary" onClick=${apply}>Train again with ${Object.entries(change).map(([name, value]) => `${spaced(name)} ${valueText(value)}`).join(", ")}</button>`}</${Card}>`;
}

/** @param {any} value of a setting */
const valueText = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : Array.isArray(value) ? value.join(", ") : String(value));
