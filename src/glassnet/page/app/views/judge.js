/** How good the predictions are: figures, a confusion matrix or a scatter, and the rows behind each of their parts. */
import { html, useMemo, useState } from "../lib.js";
import { cell, count, fixed, number, percent, plural } from "../format.js";
import { confusion, figures, judge, pairs, partsOf } from "../compute/quality.js";
import { extent, spread } from "../compute/arrays.js";
import { parameterCount } from "../compute/network.js";
import * as store from "../store.js";
import { Behind, Card, Choice, Grid, Scroll, useOnScreen, useSparingly } from "./parts.js";

/** @type {Record<string, [string, boolean]>} meaning, and whether it is a share */
const MEANINGS = {
  accuracy: ["accuracy: share of rows that are right", true],
  log_loss: ["log loss; smaller is better", false],
  auc: ["area under the ROC curve", true],
  rmse: ["root mean squared error", false],
  mae: ["mean absolute error", false],
  r2: ["R²: share of the variance explained", true],
};

/** @type {Record<string, string>} */
const PARTS = { train: "training rows", validation: "validation rows", holdout: "held-out rows" };
const WORK = 3e6; // multiplications of one judgement while training plays

/** The predictions of the chosen part of the rows; of some of them while training plays, or where that is more than `work`. @param {number} work multiplications */
function useJudged(work) {
  const known = store.model.value;
  const { frame, read } = useOnScreen(known);
  const networks = read(store.networks);
  const part = store.part.value;
  const playing = store.playing.value;
  const most = known ? Math.max(Math.round((playing ? WORK : work) / parameterCount(known.network)), 30) : 0;
  const judged = useSparingly(() => (known && networks ? judge(known, networks, part, most) : null), [networks, playing], [known, part]);
  return { frame, judged };
}

/** Which part of the rows is judged. @param {{ known: any }} props */
function PartChoice({ known }) {
  const parts = partsOf(known);
  if (parts.length < 2) return null;
  const options = /** @type {[any, string][]} */ ([["", "all rows"], ...parts.map((part) => [part, PARTS[part]])]);
  return html`<label class="inline">of <select data-test="part" value=${store.part.value} onChange=${(/** @type {any} */ event) => (store.part.value = event.currentTarget.value)}>${options.map(([own, text]) => html`<option value=${own} selected=${own === store.part.value}>${text}</option>`)}</select></label>`;
}

/** "344 rows", "1,000 of 20,640 rows". @param {any} known @param {any} judged */
function shareText(known, judged) {
  const { total } = known.document.rows;
  const many = store.part.value ? `${count(judged.at.length)} ${PARTS[store.part.value]}` : plural(judged.at.length, "row");
  return judged.at.length < total && (!store.part.value || known.rows.length < total) ? `${many} of the ${count(total)} in the table` : many;
}

export function JudgeView() {
  const known = store.model.value;
  const { judged } = useJudged(5e8);
  if (!known || !judged) return null;
  const held = known.document.evaluation;
  const parts = partsOf(known);
  const mixed = held && !store.part.value ? "These rows may include those that the network was trained on." : "";
  return html`<div class="judge-view">
    ${held && html`<${Card} title=${`Scores on ${plural(held.rows, "row")} that were held out`} class="scores"><${Figures} found=${held.metrics} baseline=${held.baseline} /></${Card}>`}
    ${!held && known.document.validation && html`<${Validation} known=${known} />`}
    ${judged.at.length > 0
      ? html`<${Card} title=${`Scores on ${shareText(known, judged)}`} class="scores" tools=${html`<${PartChoice} known=${known} />`} note=${parts.length ? "" : mixed}><${Figures} found=${figures(known, judged)} /></${Card}>
        ${known.classifies ? html`<${Confusion} ...${{ known, judged }} />` : html`<${Scatter} ...${{ known, judged }} />`}`
      : html`<${Card} title="Predictions and true values" tools=${html`<${PartChoice} known=${known} />`}><p class="muted">There are no rows with a true value here: make the report with a table, and every prediction can be looked at.</p></${Card}>`}
    <${ChosenRows} ...${{ known, judged }} />
  </div>`;
}

/** How good a model without held-out rows is on rows that it was not trained on. @param {{ known: any }} props */
function Validation({ known }) {
  const { rows, metrics, baseline } = known.document.validation;
  const note = known.document.provenance.rows.folds
    ? "Each row is predicted by the networks that were not trained on it."
    : "They decided which epoch was kept, so these scores may be a little too good.";
  return html`<${Card} title=${`Scores on ${plural(rows, "validation row")}`} class="scores" note=${note}><${Figures} found=${metrics} baseline=${baseline} /></${Card}>`;
}

/** The same while training goes on, beside the network. */
export function LiveQuality() {
  const known = store.model.value;
  const { frame, judged } = useJudged(3e7);
  if (!known || !judged?.at.length || known.rows.length <= FEW_ROWS) return null;
  const found = figures(known, judged);
  const tools = html`<${PartChoice} known=${known} />`;
  const head = html`<p class="readout">${Object.entries(found).slice(0, 3).map(([name, value]) => html`<span>${name.replaceAll("_", " ")} <b data-test=${`live-${name}`}>${number(value, 4)}</b></span>`)}<span class="muted">${shareText(known, judged)}</span></p>`;
  return known.classifies ? html`<${Confusion} ...${{ known, judged, tools, head, frame }} />` : html`<${Scatter} ...${{ known, judged, tools, head, frame }} />`;
}

/** List rows in the view that judges. @param {string} title @param {number[]} at */
function list(title, at) {
  store.chosenRows.value = { title, at };
  store.view.value = "judge";
}

/** @param {{ found: Record<string, number>, baseline?: Record<string, number> }} props */
function Figures({ found, baseline }) {
  return html`<dl class="scores-list">${Object.entries(found).map(([name, value]) => {
    const [base, ...target] = name.split(" ");
    const [meaning, isShare] = MEANINGS[base] ?? [name, false];
    return html`<div><dt>${meaning}${target.length ? ` of ${target.join(" ")}` : ""}</dt><dd><b>${isShare ? fixed(value, 3) : number(value)}</b>${baseline && html`<small>baseline ${isShare ? fixed(baseline[name], 3) : number(baseline[name])}</small>`}</dd></div>`;
  })}</dl>`;
}

/** @param {any} props */
function Confusion({ known, judged, tools = null, head = null, frame = null }) {
  const cells = useMemo(() => confusion(known, judged), [known, judged]);
  const classes = known.target.classes;
  const most = Math.max(...cells.flat().map((own) => own.length), 1);
  const choose = (/** @type {number} */ actual, /** @type {number} */ predicted) =>
    list(`${classes[actual]} predicted as ${classes[predicted]}`, cells[actual][predicted]);
  return html`<${Card} title="Confusion matrix" tools=${tools} note="Click a cell to list its rows." class="confusion-card" frame=${frame}>${head}
    <${Scroll} label="Confusion matrix"><table class="confusion"><caption class="hidden-text">Confusion matrix</caption>
      <thead><tr><td></td><th scope="colgroup" colspan=${classes.length}>predicted</th></tr><tr><th scope="col">actual</th>${classes.map((/** @type {string} */ name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${cells.map((row, i) => {
        const total = row.reduce((sum, own) => sum + own.length, 0);
        return html`<tr><th scope="row">${classes[i]}</th>${row.map((own, j) => html`<td><button type="button" class=${`cell ${i === j ? "right" : "wrong"}`} style=${{ "--depth": `${Math.round((100 * own.length) / most)}%` }} disabled=${!own.length} onClick=${() => choose(i, j)}>
          <b>${count(own.length)}</b><small>${total ? percent(own.length / total) : ""}</small><span class="hidden-text">rows, actual ${classes[i]}, predicted ${classes[j]}</span></button></td>`)}</tr>`;
      })}</tbody></table></${Scroll}></${Card}>`;
}

const SIDE = 420;
const FEW_ROWS = 6; // of which the table of outputs says all
const MOST_DOTS = 1500;

/** Predicted against actual values, or residuals. @param {any} props */
function Scatter({ known, judged, tools: more = null, head = null, frame = null }) {
  const [output, setOutput] = useState(0);
  const [residuals, setResiduals] = useState(false);
  const all = useMemo(() => pairs(known, judged, output), [known, judged, output]);
  const shown = spread(all.length, MOST_DOTS).map((i) => all[i]);
  const up = (/** @type {any} */ own) => (residuals ? own.predicted - own.actual : own.predicted);
  const [x0, x1] = extent(all.flatMap((own) => (residuals ? [own.predicted] : [own.actual, own.predicted])));
  const [y0, y1] = residuals ? extent(all.map(up)) : [x0, x1];
  const x = (/** @type {number} */ value) => 6 + ((value - x0) / (x1 - x0 || 1)) * (SIDE - 12);
  const y = (/** @type {number} */ value) => SIDE - 6 - ((value - y0) / (y1 - y0 || 1)) * (SIDE - 12);
  const across = (/** @type {any} */ own) => (residuals ? own.predicted : own.actual);
  const pick = (/** @type {MouseEvent} */ event) => {
    const svg = /** @type {SVGSVGElement} */ (event.currentTarget);
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM()?.inverse());
    const near = all.map((own) => ({ own, d: Math.hypot(x(across(own)) - point.x, y(up(own)) - point.y) })).filter(({ d }) => d < 14).sort((a, b) => a.d - b.d).slice(0, 12);
    if (near.length) list("Rows at this point", near.map(({ own }) => own.at));
  };
  const byError = () => [...all].sort((a, b) => Math.abs(b.predicted - b.actual) - Math.abs(a.predicted - a.actual));
  const worst = () => list("The rows with the largest errors", byError().slice(0, 12).map((own) => own.at));
  const { numbers } = known.document.rows;
  const table = () => html`<${Grid} caption="Actual and predicted values, the largest errors first" head=${["row", "actual", "predicted", "predicted − actual"]} rows=${byError().slice(0, 40).map((own) => [count(numbers[own.at]), number(own.actual, 6), number(own.predicted, 6), number(own.predicted - own.actual)])} />`;
  const zero = residuals ? `M${x(x0)} ${y(0)}H${x(x1)}` : `M${x(x0)} ${y(x0)}L${x(x1)} ${y(x1)}`;
  const tools = html`${more}${known.target.columns.length > 1 && html`<${Choice} label="Target" value=${output} onChange=${setOutput} options=${known.target.columns.map((/** @type {string} */ name, /** @type {number} */ i) => [i, name])} />`}
    <${Choice} label="Picture" value=${residuals} onChange=${setResiduals} options=${[[false, "predicted against actual"], [true, "residuals"]]} />`;
  return html`<${Card} title=${`Predicted ${known.target.columns[output]}`} tools=${tools} note="Click among the dots to list the rows there." class="scatter-card" frame=${frame}>${head}
    <figure class="scatter"><svg viewBox=${`-46 -6 ${SIDE + 52} ${SIDE + 44}`} role="img" onClick=${pick} aria-label=${`${count(all.length)} rows, ${residuals ? "residual against predicted" : "predicted against actual"} value`}>
      <rect class="frame" width=${SIDE} height=${SIDE} /><path class="axis" d=${zero} />
      ${shown.map((own) => html`<circle class="dot" cx=${x(across(own)).toFixed(1)} cy=${y(up(own)).toFixed(1)} r="3" />`)}
      <text x="0" y=${SIDE + 15}>${number(x0, 3)}</text><text x=${SIDE} y=${SIDE + 15} text-anchor="end">${number(x1, 3)}</text><text class="axis-name" x=${SIDE / 2} y=${SIDE + 32} text-anchor="middle">${residuals ? "predicted" : "actual"}</text>
      <text x="-4" y=${SIDE} text-anchor="end">${number(y0, 3)}</text><text x="-4" y="10" text-anchor="end">${number(y1, 3)}</text><text class="axis-name" text-anchor="middle" transform=${`translate(-30 ${SIDE / 2}) rotate(-90)`}>${residuals ? "predicted − actual" : "predicted"}</text>
    </svg></figure>
    <button type="button" onClick=${worst}>list the largest errors</button><${Behind} table=${table} />
    ${shown.length < all.length && html`<p class="note">${count(shown.length)} of ${count(all.length)} dots are drawn; all can be clicked.</p>`}</${Card}>`;
}

/** @param {any} props */
function ChosenRows({ known, judged }) {
  const chosen = store.chosenRows.value;
  if (!chosen) return null;
  const { numbers } = known.document.rows;
  const most = 50;
  const place = new Map(judged.at.map((/** @type {number} */ at, /** @type {number} */ i) => [at, i]));
  const predictions = (/** @type {number} */ at) => judged.predictions[place.get(at) ?? 0];
  return html`<${Card} title=${`${chosen.title}: ${plural(chosen.at.length, "row")}`} class="chosen-rows" tools=${html`<button type="button" class="icon" aria-label="Close" onClick=${() => (store.chosenRows.value = null)}>×</button>`} note="Click a row to walk it through the network.">
    <${Scroll} label="Rows"><table class="grid rows-table"><caption class="hidden-text">Rows</caption><thead><tr><th scope="col">row</th>${known.target.columns.map((/** @type {string} */ name) => html`<th scope="col">${name}</th>`)}<th scope="col">predicted</th>${known.encoders.map((/** @type {any} */ encoder) => html`<th scope="col">${encoder.column}</th>`)}</tr></thead>
      <tbody>${chosen.at.slice(0, most).map((at) => html`<tr><th scope="row"><button type="button" class="link" onClick=${() => store.walkRow(at)}>${count(numbers[at])}</button></th>
        ${known.target.columns.map((/** @type {string} */ name) => html`<td>${cell(known.rows[at][name], "")}</td>`)}<td>${predictions(at).label ?? predictions(at).numbers?.map((/** @type {number} */ value) => number(value)).join(", ")}</td>
        ${known.encoders.map((/** @type {any} */ encoder) => html`<td>${cell(known.rows[at][encoder.column], encoder.type)}</td>`)}</tr>`)}</tbody></table></${Scroll}>
    ${chosen.at.length > most && html`<p class="note">The first ${most} of ${count(chosen.at.length)} rows.</p>`}</${Card}>`;
}
