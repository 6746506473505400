/** Bring a table: drop a file, see how each column was understood, choose the target, train. */
import { html, useState } from "../lib.js";
import { count, plural } from "../format.js";
import * as store from "../store.js";
import { Card, Scroll } from "./parts.js";

export function DataView() {
  const known = store.workshop.value;
  const [over, setOver] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  if (!known) return null;
  const take = async (/** @type {File | undefined} */ file) => {
    setOver(false);
    setFault("");
    if (!file) return;
    if (file.size > known.uploadLimit) {
      setFault(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB, but at most ${(known.uploadLimit / 1e6).toFixed(0)} MB are taken here. Train on larger tables with glassnet train or glassnet watch FILE.`);
      return;
    }
    setBusy(true);
    try {
      await store.live.value?.upload(file);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  };
  return html`<div class="data-view">
    <${Card} title="Bring your own table">
      <label class=${`drop ${over ? "over" : ""}`} onDragOver=${(/** @type {DragEvent} */ event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
        <input type="file" class="hidden-text" onChange=${(/** @type {any} */ event) => take(event.currentTarget.files[0])} />
        <b>${busy ? "Reading …" : "Drop a file here, or choose one"}</b><span class="muted">CSV, Parquet, Arrow or JSON, at most ${(known.uploadLimit / 1e6).toFixed(0)} MB. It stays on this computer.</span></label>
      ${fault && html`<p class="fault" role="alert">${fault}</p>`}</${Card}>
    ${known.uploaded && html`<${Uploaded} key=${known.uploaded.id} table=${known.uploaded} />`}
  </div>`;
}

const TYPES = ["number", "category", "boolean", "datetime", "ignore"];

/** @param {{ table: any }} props */
function Uploaded({ table }) {
  const [target, setTarget] = useState(table.target ?? table.columns.at(-1).name);
  const [types, setTypes] = useState(/** @type {Record<string, string>} */ ({}));
  const [fault, setFault] = useState("");
  const train = async () => {
    setFault("");
    try {
      await store.live.value?.start({ source: { kind: "table", id: table.id }, target, column_types: types, play: true });
      store.view.value = "network";
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const own = (/** @type {any} */ column) => types[column.name] ?? (column.type === "unusable" ? "ignore" : column.type);
  return html`<${Card} title=${`${table.name}: ${plural(table.rows, "row")}, ${plural(table.columns.length, "column")}`}>
    <div class="choose-target"><label>What to predict <select data-setting="target" value=${target} onChange=${(/** @type {any} */ event) => setTarget(event.currentTarget.value)}>${table.columns.map((/** @type {any} */ column) => html`<option value=${column.name} selected=${column.name === target}>${column.name}</option>`)}</select></label>
      <button type="button" class="primary" onClick=${train}>Train</button></div>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    ${table.notes.map((/** @type {string} */ note) => html`<p class="note">${note}</p>`)}
    <${Scroll} label="Columns of the table"><table class="grid columns-table"><caption class="hidden-text">Columns of the table</caption><thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col">values</th></tr></thead>
      <tbody>${table.columns.map((/** @type {any} */ column) => html`<tr><th scope="row">${column.name}</th><td>${column.name === target ? "target" : html`<select aria-label=${`Type of ${column.name}`} value=${own(column)} onChange=${(/** @type {any} */ event) => setTypes({ ...types, [column.name]: event.currentTarget.value })}>${TYPES.map((name) => html`<option value=${name} selected=${name === own(column)}>${name}</option>`)}</select>`}</td><td>${column.said}</td></tr>`)}</tbody></table></${Scroll}>
    <h3>First rows</h3><${Scroll} label="First rows"><table class="grid rows-table"><caption class="hidden-text">First rows</caption><thead><tr>${table.columns.map((/** @type {any} */ column) => html`<th scope="col">${column.name}</th>`)}</tr></thead><tbody>${table.preview.map((/** @type {any[]} */ cells) => html`<tr>${cells.map((value) => html`<td>${value === null ? "" : String(value)}</td>`)}</tr>`)}</tbody></table></${Scroll}>
    <p class="note">${count(table.preview.length)} of ${count(table.rows)} rows.</p></${Card}>`;
}
