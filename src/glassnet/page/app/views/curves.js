/** Loss and metric over the epochs. */
import { html, uPlot, useState } from "../lib.js";
import { count, fixed, number } from "../format.js";
import * as store from "../store.js";
import { Behind, Card, Choice, Grid, Key, color, useDrawn } from "./parts.js";

const MOST_POINTS = 1500;

export function Curves() {
  const [log, setLog] = useState(false);
  const [what, setWhat] = useState("loss");
  const curves = store.own.value?.curves;
  const grown = store.grown.value;
  const moment = store.moment.value;
  const playing = store.run.value?.state === "playing";
  const ref = useDrawn((element, width) => drawCurves(element, width, curves, what, log), [grown, log, what, moment, curves]);
  if (!curves) return null;
  const epochs = curves.loss.length;
  const at = Math.min(moment ?? (playing ? epochs : curves.best || epochs), epochs);
  const tools = html`${curves.score.length > 0 && html`<${Choice} label="Curve" value=${what} onChange=${setWhat} options=${[["loss", "loss"], ["score", curves.metric]]} />`}
    <${Choice} label="Scale" value=${log} onChange=${setLog} options=${[[false, "linear"], [true, "log"]]} />`;
  return html`<${Card} title="Error over training" tools=${epochs > 1 && tools} class="curves">
    <p class="readout">
      <${Key} kind="train">training ${what === "loss" ? html`<b data-test="loss">${fixed(curves.loss[at - 1], 5)}</b>` : ""}</${Key}>
      ${curves.validation.length > 0 && html`<${Key} kind="validation">validation <b>${fixed((what === "loss" ? curves.validation : curves.score)[at - 1], 5)}</b></${Key}>`}
      ${at > 0 && html`<span class="muted">at epoch ${count(at)}${curves.best === at && curves.validation.length ? ", which was kept" : ""}</span>`}
    </p>
    ${epochs === 0 ? html`<div class="empty">Press play, and the error is drawn here as it falls.</div>` : html`<div class="chart" role="img" aria-label=${said(curves)}><div ref=${ref}></div></div>`}
    ${epochs > 0 && html`<${Behind} table=${() => html`<${Grid} caption="Loss over training" head=${["epoch", "training loss", ...(curves.validation.length ? ["validation loss"] : []), "learning rate"]} rows=${tableOf(curves)} />`} />`}
  </${Card}>`;
}

/** @param {import("../compute/model.js").Curves} curves */
function said(curves) {
  const last = curves.loss.length - 1;
  return `The training loss went from ${number(curves.loss[0])} to ${number(curves.loss[last])} over ${last + 1} epochs.`;
}

/** About twenty epochs. @param {import("../compute/model.js").Curves} curves */
function tableOf(curves) {
  const last = curves.loss.length - 1;
  const shown = new Set(Array.from({ length: 20 }, (_, i) => Math.round((i / 19) * last)));
  if (curves.best) shown.add(curves.best - 1);
  return [...shown].sort((a, b) => a - b).map((at) => [
    `${count(at + 1)}${curves.best === at + 1 ? " (kept)" : ""}`,
    fixed(curves.loss[at], 6),
    ...(curves.validation.length ? [fixed(curves.validation[at], 6)] : []),
    number(curves.rate[at], 3),
  ]);
}

/** @param {HTMLElement & { plot?: any, key?: string }} element @param {number} width @param {any} curves @param {string} what @param {boolean} log */
function drawCurves(element, width, curves, what, log) {
  if (!curves?.loss.length) return;
  const second = what === "loss" ? curves.validation : curves.score;
  const data = sampled(what === "loss" ? [curves.loss, ...(second.length ? [second] : [])] : [second]);
  const key = [width, log, what, data.length, store.theme.value].join();
  if (element.plot && element.key === key) {
    element.plot.setData(data);
    return;
  }
  element.plot?.destroy();
  const ink = color(element, "--muted");
  const grid = { stroke: color(element, "--line"), width: 1 };
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font };
  const lines = what === "loss" ? ["training", "validation"] : ["validation"];
  element.key = key;
  element.plot = new uPlot(
    {
      width,
      height: width < 420 ? 190 : 230,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
      axes: [
        { ...axis, size: 30, values: (/** @type {any} */ _, /** @type {number[]} */ own) => own.map((value) => (Number.isInteger(value) ? count(value) : "")) },
        { ...axis, size: 58, values: (/** @type {any} */ _, /** @type {(number | null)[]} */ own) => own.map((value) => (value === null ? "" : number(value, 3))) },
      ],
      series: [{}, ...lines.slice(0, data.length - 1).map((name) => ({
        label: name,
        width: 2,
        stroke: color(element, name === "training" ? "--positive" : "--negative"),
        dash: name === "training" ? undefined : [6, 3],
        points: { show: false },
      }))],
      hooks: { draw: [markers], ready: [(/** @type {any} */ plot) => plot.over.addEventListener("click", () => seek(plot))] },
    },
    data,
    element,
  );
}

/** Lines at the epoch that is looked at, and at the one that was kept. @param {any} plot */
function markers(plot) {
  const context = plot.ctx;
  const { top, height } = plot.bbox;
  const best = store.own.value?.curves.best ?? 0;
  const kept = store.own.value?.curves.validation.length ? best : 0;
  const here = store.moment.value ?? 0;
  for (const [epoch, dash] of /** @type {[number, number[]][]} */ ([[kept, [2, 4]], [here, []]])) {
    if (!epoch) continue;
    const x = Math.round(plot.valToPos(epoch, "x", true));
    context.save();
    context.strokeStyle = color(plot.root, "--ink");
    context.globalAlpha = 0.6;
    context.lineWidth = devicePixelRatio;
    context.setLineDash(dash.map((part) => part * devicePixelRatio));
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + height);
    context.stroke();
    context.restore();
  }
}

/** A click on the curve goes to the nearest recorded epoch. @param {any} plot */
function seek(plot) {
  const epoch = plot.posToVal(plot.cursor.left, "x");
  const known = store.moments.value;
  if (!known.length) return;
  store.moment.value = known.reduce((best, own) => (Math.abs(own - epoch) < Math.abs(best - epoch) ? own : best));
}

/** At most 1,500 points: the smallest and the largest of each stretch, so that no peak is lost. @param {number[][]} lines @returns {any} */
function sampled(lines) {
  const length = lines[0].length;
  if (length <= MOST_POINTS) return [Array.from({ length }, (_, i) => i + 1), ...lines];
  const stretch = Math.ceil((2 * length) / MOST_POINTS);
  /** @type {number[]} */
  const places = [];
  for (let start = 0; start < length; start += stretch) {
    const end = Math.min(start + stretch, length);
    let low = start;
    let high = start;
    for (let i = start; i < end; i++) {
      if (lines[0][i] < lines[0][low]) low = i;
      if (lines[0][i] > lines[0][high]) high = i;
    }
    places.push(...new Set([Math.min(low, high), Math.max(low, high)]));
  }
  return [places.map((at) => at + 1), ...lines.map((line) => places.map((at) => line[at]))];
}
