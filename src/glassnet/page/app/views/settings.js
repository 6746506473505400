/** The settings of a live training, and the data that it learns from. A change starts the training again. */
import { html, useState } from "../lib.js";
import { spaced } from "../format.js";
import * as store from "../store.js";

const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const BATCHES = [1, 4, 8, 16, 32, 64, 128, 256];

export function Settings() {
  const known = store.workshop.value;
  const live = store.live.value;
  if (!known || !live) return null;
  const { settings, source, choices } = known;
  const change = (/** @type {object} */ own) => live.start({ settings: { ...settings, ...own } });
  const choose = (/** @type {string} */ name, /** @type {any[]} */ options, /** @type {string} */ label) =>
    html`<label>${label}<select data-setting=${name} value=${settings[name]} onChange=${(/** @type {any} */ event) => change({ [name]: options[event.currentTarget.selectedIndex] })}>
      ${withOwn(options, settings[name]).map((own) => html`<option value=${own} selected=${own === settings[name]}>${own === null ? (name === "batch_size" ? "all rows" : "fitting the task") : typeof own === "string" ? spaced(own) : own}</option>`)}</select></label>`;
  const type = (/** @type {string} */ name, /** @type {string} */ label, /** @type {any} */ more) =>
    html`<label>${label}<input type="number" data-setting=${name} value=${settings[name]} ...${more} onChange=${(/** @type {any} */ event) => change({ [name]: Number(event.currentTarget.value) })} /></label>`;
  const rates = withOwn(RATES, settings.learning_rate);
  return html`<section class="settings" aria-label="Settings">
    <${Source} known=${known} />
    <${Layers} hidden=${settings.hidden} onChange=${(/** @type {number[]} */ hidden) => change({ hidden })} />
    ${choose("activation", choices.activation, "Activation")}
    ${choose("learning_rate", rates, "Learning rate")}
    ${choose("optimizer", withOwn(choices.optimizer, settings.optimizer), "Optimizer")}
    <details class="more-settings"><summary>More settings</summary><div>
      ${choose("batch_size", withOwn([...BATCHES, null], settings.batch_size), "Batch size")}
      ${type("l1", "L1 penalty", { min: 0, step: "any" })}
      ${type("l2", "L2 penalty", { min: 0, step: "any" })}
      ${type("dropout", "Dropout", { min: 0, max: 0.9, step: 0.1 })}
      ${type("epochs", "Epochs", { min: 1, max: 1000000 })}
      ${type("validation", "Share of validation rows", { min: 0, max: 0.9, step: 0.05 })}
      ${type("seed", "Seed", { min: 0 })}
      ${choose("scaling", ["standard", "robust", "none"], "Scaling of numbers")}
      ${choose("loss", withOwn(choices.loss, settings.loss), "Loss")}
    </div></details>
    ${source.kind === "toy" && html`<${Toy} source=${source} choices=${choices} />`}
  </section>`;
}

/** The options, and the value that is set if it is none of them. @param {any[]} options @param {any} value */
function withOwn(options, value) {
  if (options.includes(value)) return options;
  return typeof value === "number" ? [...options.filter((own) => own !== null), value].sort((a, b) => a - b).concat(options.includes(null) ? [null] : []) : [value, ...options];
}

/** @param {{ known: any }} props */
function Source({ known }) {
  const { source, choices } = known;
  const value = source.kind === "toy" ? `toy:${source.name}` : source.kind;
  const onChange = (/** @type {any} */ event) => {
    const [kind, name] = event.currentTarget.value.split(":");
    if (kind === "own") store.view.value = "data";
    else if (kind !== "table") store.live.value?.start({ source: { kind, name } });
    event.currentTarget.value = value;
  };
  return html`<label>Data<select data-setting="source" value=${value} onChange=${onChange}>
    <option value="example" selected=${value === "example"}>worked example</option>
    <option value="penguins" selected=${value === "penguins"}>penguins</option>
    ${choices.toys.map((/** @type {string} */ name) => html`<option value=${`toy:${name}`} selected=${value === `toy:${name}`}>${name}</option>`)}
    ${source.kind === "table" && html`<option value="table" selected>${source.name}</option>`}
    <option value="own">your own table…</option></select></label>`;
}

/** The widths of the hidden layers. @param {{ hidden: number[], onChange: (hidden: number[]) => void }} props */
function Layers({ hidden, onChange }) {
  const set = (/** @type {number} */ at, /** @type {number} */ width) => onChange(hidden.map((own, i) => (i === at ? width : own)));
  return html`<fieldset class="layers"><legend>Hidden layers</legend>
    ${hidden.map((width, at) => html`<input type="number" min="1" max="2048" value=${width} aria-label=${`Neurons of hidden layer ${at + 1}`} onChange=${(/** @type {any} */ event) => set(at, Math.max(1, Math.round(Number(event.currentTarget.value) || 1)))} />`)}
    <button type="button" class="icon" aria-label="Add a hidden layer" onClick=${() => onChange([...hidden, hidden.at(-1) ?? 4])} disabled=${hidden.length >= 6}>+</button>
    <button type="button" class="icon" aria-label="Remove a hidden layer" onClick=${() => onChange(hidden.slice(0, -1))} disabled=${!hidden.length}>−</button>
  </fieldset>`;
}

/** Noise, rows and features of a toy table. @param {{ source: any, choices: any }} props */
function Toy({ source, choices }) {
  const [noise, setNoise] = useState(source.noise);
  const change = (/** @type {object} */ own) => store.live.value?.start({ source: { ...source, ...own } });
  const toggle = (/** @type {string} */ name) => change({ features: source.features.includes(name) ? source.features.filter((/** @type {string} */ own) => own !== name) : [...source.features, name] });
  return html`<div class="toy">
    <label>Rows<select data-setting="rows" value=${source.rows} onChange=${(/** @type {any} */ event) => change({ rows: Number(event.currentTarget.value) })}>${withOwn([100, 200, 500, 1000, 5000], source.rows).map((own) => html`<option value=${own} selected=${own === source.rows}>${own}</option>`)}</select></label>
    <label>Noise ${noise}<input type="range" min="0" max="0.5" step="0.05" value=${noise} onInput=${(/** @type {any} */ event) => setNoise(Number(event.currentTarget.value))} onChange=${(/** @type {any} */ event) => change({ noise: Number(event.currentTarget.value) })} style=${{ "--share": `${200 * noise}%` }} /></label>
    <button type="button" onClick=${() => change({ seed: source.seed + 1 })} title="Draw other rows">other rows</button>
    <fieldset class="features"><legend>Features</legend>${choices.features.map((/** @type {string} */ name) => html`<label class="check"><input type="checkbox" checked=${source.features.includes(name)} onChange=${() => toggle(name)} />${name}</label>`)}</fieldset>
  </div>`;
}
