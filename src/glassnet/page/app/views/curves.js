/** Loss and metric over the epochs. */
import { html, uPlot, useEffect, useState } from "../lib.js";
import { count, fixed, number } from "../format.js";
import { metricCurve } from "../compute/metric_curve.js";
import * as store from "../store.js";
import { Behind, Card, Choice, Grid, Key, color, ofMember, useDrawn } from "./parts.js";

const MOST_POINTS = 1500;
const BUDGET = 5; // milliseconds of a frame for points of the metric

export function Curves() {
  const [log, setLog] = useState(false);
  const [what, setWhat] = useState("loss");
  const [waiting, setWaiting] = useState(0);
  const known = store.model.value;
  const own = store.own.value;
  const grown = store.grown.value;
  const moment = store.moment.value;
  const live = store.live.value;
  const playing = store.playing.value;
  const metric = known?.rows.length ? metricCurve(known) : null;
  useEffect(() => {
    if (what === "metric" && own?.moments.vectors.some((vector) => !vector)) live?.fetchMoments([]);
  }, [what, known, playing]);
  useEffect(() => {
    if (what === "metric" && own && metric?.extend(own.moments, BUDGET)) setTimeout(() => setWaiting(waiting + 1), 100);
  });
  const curves = own?.curves;
  const lines = curves ? linesOf(curves, what, metric) : [[]];
  const ref = useDrawn((element, width) => drawCurves(element, width, lines, what, log), [grown, log, what, moment, curves, lines[0].length]);
  if (!curves) return null;
  const epochs = curves.loss.length;
  const at = Math.min(moment ?? (playing ? epochs : curves.best || epochs), epochs);
  const options = [["loss", "loss"], ...(curves.score.length ? [["score", curves.metric]] : []), ...(metric && own.moments.epochs.length > 2 ? [["metric", metric.name]] : [])];
  const tools = html`${options.length > 1 && html`<${Choice} label="Curve" value=${what} onChange=${setWhat} options=${options} />`}
    <${Choice} label="Scale" value=${log} onChange=${setLog} options=${[[false, "linear"], [true, "log"]]} />`;
  const here = what === "metric" ? lines.map((line) => line.at(-1)) : [at, what === "loss" ? curves.loss[at - 1] : undefined, (what === "loss" ? curves.validation : curves.score)[at - 1]];
  const two = what === "metric" ? lines.length > 2 : curves.validation.length > 0;
  return html`<${Card} title=${`Error over training${ofMember()}`} tools=${epochs > 1 && tools} class="curves">
    <p class="readout">
      <${Key} kind="train">${what === "metric" && !two ? "all rows" : "training"} ${here[1] === undefined ? "" : html`<b data-test=${what}>${fixed(here[1], 5)}</b>`}</${Key}>
      ${two && html`<${Key} kind="validation">validation <b>${fixed(here[2], 5)}</b></${Key}>`}
      ${Number(here[0]) > 0 && html`<span class="muted">at epoch ${count(Number(here[0]))}${curves.best === here[0] && curves.validation.length ? ", which was kept" : ""}</span>`}
    </p>
    ${epochs === 0 ? html`<div class="empty">Press play, and the error is drawn here as it falls.</div>` : html`<div class="chart" role="img" aria-label=${said(curves)}><div ref=${ref}></div></div>`}
    ${epochs > 0 && html`<${Behind} table=${() => (what === "metric" ? html`<${Grid} caption=${metric?.name} head=${["epoch", ...(two ? ["training rows", "validation rows"] : ["all rows"])]} rows=${lines[0].map((epoch, i) => [count(epoch), ...lines.slice(1).map((line) => fixed(line[i], 5))])} />` : html`<${Grid} caption="Loss over training" head=${["epoch", "training loss", ...(curves.validation.length ? ["validation loss"] : []), "learning rate"]} rows=${tableOf(curves)} />`)} />`}
    ${what === "metric" && html`<p class="note">Computed on the page at ${count(lines[0].length)} recorded epochs, on the rows that it has.</p>`}
  </${Card}>`;
}

/** The epochs, and one or two lines over them. @param {import("../compute/model.js").Curves} curves @param {string} what @param {ReturnType<typeof metricCurve> | null} metric @returns {number[][]} */
function linesOf(curves, what, metric) {
  if (what === "metric" && metric) return metric.lines();
  if (what === "score") return sampled([curves.score]);
  return sampled([curves.loss, ...(curves.validation.length ? [curves.validation] : [])]);
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

/** @param {HTMLElement & { plot?: any, key?: string }} element @param {number} width @param {any} data @param {string} what @param {boolean} log */
function drawCurves(element, width, data, what, log) {
  if (!data[0].length) return;
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
  const lines = what === "score" ? ["validation"] : ["training", "validation"];
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

/** At most 1,500 points: the smallest and the largest of each stretch, so that no peak is lost. @param {number[][]} lines @returns {number[][]} */
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
