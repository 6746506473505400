/** What the network says beside what is true: a table of rows, or the plane of two columns. */
import { html, useMemo, useState } from "../lib.js";
import { cell, count, fixed, number, percent } from "../format.js";
import { decode } from "../compute/predict.js";
import { activationOf, meanOutputs, parameterCount } from "../compute/network.js";
import { gridOf, plane, planeOf } from "../compute/plane.js";
import { imageOf } from "../compute/plane.js";
import { argmax, spread } from "../compute/arrays.js";
import * as store from "../store.js";
import { Behind, Card, Choice, Grid, ofMember, useOnScreen, useSparingly } from "./parts.js";

const MOST_ROWS = 8;

/** Actual against learnt outputs, also with the parameters of the start. */
export function Outputs() {
  const known = store.model.value;
  const { frame, read } = useOnScreen(known);
  const networks = read(store.networks);
  const initial = store.initialNetworks.value;
  const at = useMemo(() => (known ? spread(known.rows.length, MOST_ROWS) : []), [known]);
  const before = useMemo(() => predictions(known, initial, at), [known, initial]);
  const now = useSparingly(() => predictions(known, networks, at), [networks], [known]);
  if (!known || !networks || !known.rows.length) return null;
  const { numbers } = known.document.rows;
  const labeled = at.some((i) => known.targetOf(known.rows[i]));
  const rows = at.flatMap((i, place) => {
    const wrong = known.classifies && known.targetOf(known.rows[i]) && now[place].label !== String(known.rows[i][known.target.columns[0]]);
    return known.target.columns.map((name, output) => [
      html`<button type="button" class="link" onClick=${() => store.walkRow(i)} aria-label=${`Walk row ${count(numbers[i])}`}>${count(numbers[i])}</button>${known.target.columns.length > 1 ? ` ${name}` : ""}`,
      labeled ? cell(known.rows[i][name], "") : "–",
      said(before[place], output),
      html`<b class=${wrong ? "wrong" : ""}>${said(now[place], output)}${wrong ? html`<span class="hidden-text"> (wrong)</span>` : ""}</b>`,
    ]);
  });
  const more = known.rows.length > at.length ? `${at.length} of ${count(known.document.rows.total)} rows` : "";
  return html`<${Card} title="Actual against learnt" note=${more} class="outputs" frame=${frame}>
    <${Grid} caption="Actual against learnt outputs" head=${["row", "actual", "at the start", store.moment.value === null ? "learnt" : "then"]} rows=${rows} /></${Card}>`;
}

/** @param {import("../compute/model.js").Model | null} known @param {any} networks @param {number[]} at */
const predictions = (known, networks, at) =>
  known && networks ? at.map((i) => decode(known.target, meanOutputs(known.network, networks, known.encode(known.rows[i])))) : [];

/** @param {import("../compute/predict.js").Prediction} prediction @param {number} output */
function said(prediction, output) {
  if (prediction.numbers) return fixed(prediction.numbers[output], Math.abs(prediction.numbers[output]) < 10 ? 5 : 2);
  const sure = Math.max(...(prediction.probabilities ?? []));
  return `${prediction.label} (${percent(sure)})`;
}

/** The output, or the neuron that is selected, over the plane of two columns of numbers, with the rows as dots. */
export function Surface() {
  const known = store.model.value;
  const numbers = known ? known.encoders.filter((encoder) => encoder.type === "number").map((encoder) => encoder.column) : [];
  const [axes, setAxes] = useState(/** @type {[string, string] | null} */ (null));
  const [output, setOutput] = useState(0);
  const [sharp, setSharp] = useState(false);
  const [dots, setDots] = useState(true);
  const { frame, read } = useOnScreen(known);
  const networks = read(store.networks);
  const layers = read(store.layers);
  if (!known || !networks || !layers || numbers.length < 2) return null;
  const natural = plane(known);
  const valid = axes && axes.every((name) => numbers.includes(name)) ? axes : null;
  const chosen = valid ? planeOf(known, ...valid) : natural ?? planeOf(known, numbers[0], numbers[1]);
  const select = (/** @type {number} */ place, /** @type {string} */ label) => html`<label>${label} <select value=${chosen.columns[place]} onChange=${(/** @type {any} */ event) => {
    const next = /** @type {[string, string]} */ ([...chosen.columns]);
    next[place] = event.currentTarget.value;
    if (next[0] !== next[1]) setAxes(next);
  }}>${numbers.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>`;
  const tools = natural ? null : html`${select(0, "across")}${select(1, "up")}`;
  const picked = store.selected.value;
  const neuron = picked && picked.layer < known.network.layers.length && picked.neuron < known.network.layers[picked.layer - 1].width ? picked : null;
  const at = Math.min(output, known.outputNames.length - 1);
  const title = neuron ? `Neuron ${neuron.neuron + 1} ${known.ofLayer(neuron.layer - 1)}${ofMember()} over two columns` : "Output over two columns";
  return html`<${Card} title=${title} tools=${tools} class="surface" frame=${frame}>
    ${known.outputNames.length > 1 && !neuron && html`<${Choice} label="Output" value=${at} onChange=${setOutput} options=${known.outputNames.slice(0, 6).map((name, i) => [i, name])} />`}
    <${Plane} space=${chosen} output=${at} neuron=${neuron} networks=${neuron ? layers : networks} sharp=${sharp && !neuron && known.classifies} withDots=${dots} />
    <div class="checks">${known.classifies && !neuron && html`<label class="check"><input type="checkbox" checked=${sharp} onChange=${() => setSharp(!sharp)} />the predicted class only</label>`}
      ${known.rows.length > 0 && html`<label class="check"><input type="checkbox" checked=${dots} onChange=${() => setDots(!dots)} />rows</label>`}</div>
    ${!natural && html`<p class="note">The other columns are held at the values of the row chosen above.</p>`}</${Card}>`;
}

const SIDE = 300;
const MOST_DOTS = 400;

/**
 * @param {{ space: import("../compute/plane.js").Plane, output: number, neuron: import("../store.js").Place | null, networks: any, sharp: boolean, withDots: boolean }} props
 * networks: the layers of one, if it is a neuron's activation that is drawn; sharp: whether the class is predicted, in place of its probability
 */
function Plane({ space, output, neuron, networks, sharp, withDots }) {
  const known = /** @type {import("../compute/model.js").Model} */ (store.model.value);
  const row = /** @type {any} */ (store.row.value);
  const points = Math.max(8, Math.min(48, Math.round(Math.sqrt(3e6 / parameterCount(known.network)))));
  const fixedRow = plane(known) ? null : row;
  const grid = useMemo(() => gridOf(known, space, points, fixedRow ?? known.rows[0] ?? {}), [known, space.columns.join("\n"), fixedRow, points]);
  const valueAt = (/** @type {Float64Array} */ inputs) => {
    if (neuron) return activationOf(known.network, networks, inputs, neuron.layer, neuron.neuron);
    const outputs = meanOutputs(known.network, networks, inputs);
    return sharp ? Number(outputs.length === 1 ? outputs[0] > 0.5 : argmax(outputs) === output) : outputs[output];
  };
  const values = useSparingly(() => grid.map(valueAt), [networks], [grid, output, neuron, sharp]);
  const image = useMemo(() => imageOf(values, points), [values]);
  const [[x0, x1], [y0, y1]] = space.ranges;
  const [across, up] = space.columns;
  const dots = useMemo(() => spread(known.rows.length, MOST_DOTS).filter((at) => [across, up].every((name) => typeof known.rows[at][name] === "number")), [known, across, up]);
  const held = known.parts.includes("validation");
  const x = (/** @type {any} */ value) => ((value - x0) / (x1 - x0)) * SIDE;
  const y = (/** @type {any} */ value) => SIDE - ((value - y0) / (y1 - y0)) * SIDE;
  return html`<figure class="plane"><svg viewBox=${`-34 -6 ${SIDE + 44} ${SIDE + 38}`} role="img" aria-label=${`${neuron ? "The activation" : known.outputNames[output]} over ${across} and ${up}${withDots ? `; ${dots.length} rows as dots` : ""}`}>
      <image href=${image} x="0" y="0" width=${SIDE} height=${SIDE} preserveAspectRatio="none" class="smooth" />
      <rect class="frame" x="0" y="0" width=${SIDE} height=${SIDE} />
      ${useMemo(() => withDots && dots.map((at) => html`<circle class=${`row-dot ${classOf(known, known.rows[at], output)} ${known.parts[at] === "validation" ? "validation" : ""}`} cx=${x(known.rows[at][across]).toFixed(1)} cy=${y(known.rows[at][up]).toFixed(1)} r="3.4" />`), [dots, output, withDots])}
      <text x="0" y=${SIDE + 14}>${number(x0, 3)}</text><text x=${SIDE} y=${SIDE + 14} text-anchor="end">${number(x1, 3)}</text><text class="axis-name" x=${SIDE / 2} y=${SIDE + 27} text-anchor="middle">${across}</text>
      <text x="-4" y=${SIDE} text-anchor="end">${number(y0, 3)}</text><text x="-4" y="9" text-anchor="end">${number(y1, 3)}</text><text class="axis-name" text-anchor="middle" transform=${`translate(-20 ${SIDE / 2}) rotate(-90)`}>${up}</text>
    </svg><${Behind} table=${() => html`<${PlaneTable} ...${{ known, space, values, points }} />`} /><figcaption><span class="ramp" aria-hidden="true"></span> ${neuron ? "activation: low or negative (orange) to high (blue)" : known.classifies ? (sharp ? `predicted: ${known.outputNames[output]} (blue) or not (orange)` : `probability of ${known.outputNames[output]}: low (orange) to high (blue)`) : "output: below the middle (orange), above it (blue)"}${held && withDots ? "; dark edges: validation rows" : ""}</figcaption></figure>`;
}

/** The output at 7 × 7 places. @param {any} props */
function PlaneTable({ known, space, values, points }) {
  const picks = Array.from({ length: 7 }, (_, i) => Math.round(((i + 0.5) / 7) * points - 0.5));
  const at = (/** @type {number} */ axis, /** @type {number} */ i) => number(space.ranges[axis][0] + ((i + 0.5) / points) * (space.ranges[axis][1] - space.ranges[axis][0]), 3);
  const rows = picks.map((up) => [at(1, points - 1 - up), ...picks.map((across) => number(values[up * points + across], 3))]);
  return html`<${Grid} caption=${`Output over ${space.columns[0]} (across) and ${space.columns[1]} (down)`} head=${[`${space.columns[1]} ↓ ${space.columns[0]} →`, ...picks.map((i) => at(0, i))]} rows=${rows} />`;
}

/** @param {import("../compute/model.js").Model} known @param {any} row @param {number} output */
function classOf(known, row, output) {
  const y = known.targetOf(row);
  if (!y) return "";
  if (known.classifies) return y[output] > 0.5 ? "positive" : "negative";
  return y[output] > 0 ? "positive" : "negative";
}
