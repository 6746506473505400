/** The picture of the network: SVG, with its connections on a canvas where they are many. */
import { html, useEffect, useMemo, useRef, useState } from "../lib.js";
import { brief, count, number, shortened } from "../format.js";
import { largestSize } from "../compute/arrays.js";
import { drawnEdges, edgeAt, edgePath, layoutOf, strongest, weightOf } from "../compute/layout.js";
import { heatmaps, plane } from "../compute/plane.js";
import * as store from "../store.js";
import { color, nowAndBefore, useOnScreen, useSparingly } from "./parts.js";

const MOST_PATHS = 420; // connections that are drawn as SVG; more go to the canvas

/**
 * @param {{ highlight?: { layer: number, neuron: number | null } | null, plain?: boolean }} props
 * highlight: the layer, or the neuron, that a step concerns; plain: without tools
 */
export function Picture({ highlight = null }) {
  const known = store.model.value;
  const { frame: watched, read } = useOnScreen(known);
  const layers = read(store.layers);
  const trace = read(store.trace);
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState(/** @type {any} */ (null));
  useEffect(() => {
    if (!frame.current) return;
    watched(frame.current);
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  // what is drawn of a large layer is chosen anew when a training begins or ends, not while it runs
  const settled = store.playing.value ? "playing" : store.run.value?.epoch;
  const most = width < 560 ? 10 : 15;
  const chosen = highlight?.neuron != null ? highlight : store.selected.value;
  const large = known && chosen && known.network.layers[chosen.layer - 1]?.width > most; // the chosen one is drawn in any case
  const layout = useMemo(() => {
    if (!known || !layers || !width) return null;
    const narrow = width < 560;
    const longest = Math.max(...known.inputNames.map((name) => Math.min(name.length, narrow ? 11 : 22)));
    const space = { width, left: longest * 7.3 + (narrow ? 24 : 68), right: narrow ? 84 : 104, most };
    return layoutOf(known.network, strongest(known.network, layers, most, chosen), space);
  }, [known, width, settled, large && `${chosen?.layer}:${chosen?.neuron}`]);
  const edges = layout && layers ? drawnEdges(layout.edges, layers) : [];
  const largest = layers ? layerMaxima(layers) : [];
  useEffect(() => {
    if (canvas.current && layout) paintEdges(canvas.current, layout, edges, layers, largest, chosen);
  });
  const hover = (/** @type {PointerEvent} */ event) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !layout) return;
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const near = layout.columns.flat().some((node) => Math.hypot(node.x - x, node.y - y) < node.radius);
    const edge = near ? null : edgeAt(edges, x, y, 7);
    setHovered(edge ? { edge, x, y } : null);
  };
  const ready = known && layers && layout;
  return html`<div class="picture" ref=${frame} onPointerMove=${hover} onPointerLeave=${() => setHovered(null)}>
    ${ready && edges.length > MOST_PATHS && html`<canvas ref=${canvas} aria-hidden="true"></canvas>`}
    ${ready && html`<${Drawing} ...${{ known, layers, trace, layout, edges, largest, chosen, highlight, hovered }} />`}
    ${ready && hovered && html`<${Tip} ...${{ known, layers, hovered, width }} />`}
    ${ready && html`<${Omitted} layout=${layout} drawn=${edges.length} />`}
  </div>`;
}

/** @param {any} props */
function Drawing({ known, layers, trace, layout, edges, largest, chosen, highlight, hovered }) {
  const { width, height, columns, hidden } = layout;
  const space = plane(known);
  const maps = useSparingly(() => (space && layout ? heatmaps(known, layers, space) : null), [layers], [space]);
  const label = `A network of ${known.network.inputs} inputs and ${known.network.layers.length} layers; neurons can be selected with the arrow keys.`;
  return html`<svg class="net" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label=${label} data-epoch=${store.pictureEpoch.value} xmlns="http://www.w3.org/2000/svg">
    <${Headings} ...${{ known, layout }} />
    ${edges.length <= MOST_PATHS &&
    html`<g class="edges" fill="none">${edges.map((/** @type {any} */ edge) => {
      const weight = weightOf(edge, layers);
      const tone = toneOf(edge, chosen, hovered, highlight);
      return html`<path d=${edgePath(edge)} class=${`${weight < 0 ? "negative" : "positive"} ${tone}`} ...${strokeOf(weight, largest[edge.layer - 1])} />`;
    })}</g>`}
    ${chosen && width >= 560 && html`<${Weights} ...${{ edges, layers, chosen }} />`}
    ${columns.map((/** @type {any[]} */ nodes, /** @type {number} */ column) =>
      html`<g>${nodes.map((node) => html`<${Neuron} key=${`${column}-${node.neuron}`} ...${{ known, layers, trace, node, maps, chosen, highlight, layout, column }} />`)}
      ${hidden[column] > 0 && html`<text class="more" x=${nodes[0].x} y=${nodes.at(-1).y + nodes[0].radius + 20} text-anchor="middle">+ ${count(hidden[column])}${layout.width < 560 ? "" : " more"}</text>`}</g>`,
    )}
  </svg>`;
}

/** The names of the layers, above them. @param {any} props */
function Headings({ known, layout }) {
  const { layers } = known.network;
  const narrow = layout.columns[1][0].x - layout.columns[0][0].x < 64;
  return layout.columns.map((/** @type {any[]} */ nodes, /** @type {number} */ column) => {
    const title = column === 0 ? (narrow ? "in" : "inputs") : column === layers.length ? (narrow ? "out" : "output") : narrow ? `${column}` : `hidden ${column}`;
    const activation = column && !narrow ? layers[column - 1].activation : "";
    return html`<g text-anchor="middle"><text class="layer-name" x=${nodes[0].x} y="12">${title}</text>
      <text class="layer-note" x=${nodes[0].x} y="26">${activation}</text></g>`;
  });
}

/** The weights into the neuron that is chosen, at the beginning of their connections. @param {any} props */
function Weights({ edges, layers, chosen }) {
  const own = edges.filter((/** @type {any} */ edge) => edge.layer === chosen.layer && edge.neuron === chosen.neuron);
  return html`<g aria-hidden="true">${own.map((/** @type {any} */ edge) => {
    const { from } = edge;
    return html`<text class="value weight" x=${from.x + from.radius + 6} y=${from.y + 4}>${brief(weightOf(edge, layers), 2)}</text>`;
  })}</g>`;
}

/** An input, or a neuron that can be selected. @param {any} props */
function Neuron({ known, layers, trace, node, maps, chosen, highlight, layout, column }) {
  const { neuron, x, y, radius } = node;
  const last = column === known.network.layers.length;
  const value = trace ? (column ? trace.a[column - 1][neuron] : trace.inputs[0][neuron]) : 0;
  const name = known.names(column)[neuron];
  const most = layout.width < 560 ? 11 : 22;
  const map = maps?.[column]?.[neuron];
  if (column === 0) {
    const narrow = layout.width < 560;
    return html`<g class="input"><title>${name}: ${number(value)}</title>
      <text x=${x - (narrow ? 14 : 58)} y=${y + 4} text-anchor="end">${shortened(name, most)}</text>
      ${!narrow && html`<text class="small" x=${x - 14} y=${y + 4} text-anchor="end">${brief(value, 2)}</text>`}
      ${map ? html`<image href=${map} x=${x - 10} y=${y - 10} width="20" height="20" preserveAspectRatio="none" /><rect class="body hollow" x=${x - 10} y=${y - 10} width="20" height="20" rx="3" />` : html`<circle cx=${x} cy=${y} r="6" style=${{ fill: shade(value, 1.5) }} />`}</g>`;
  }
  const bias = layers[column - 1].biases[neuron];
  const isChosen = chosen?.layer === column && chosen.neuron === neuron;
  const concerned = highlight && highlight.layer === column && (highlight.neuron === null || highlight.neuron === neuron);
  const choose = () => store.select(isChosen && !highlight ? null : { layer: column, neuron });
  const said = last ? name : `${name} ${known.ofLayer(column - 1)}`;
  const shape = map
    ? html`<image href=${map} x=${x - radius} y=${y - radius} width=${2 * radius} height=${2 * radius} preserveAspectRatio="none" /><rect class="body hollow" x=${x - radius} y=${y - radius} width=${2 * radius} height=${2 * radius} rx="4" />`
    : html`<circle class="body" cx=${x} cy=${y} r=${radius} style=${{ fill: shade(value, scaleOf(known.network.layers[column - 1].activation)) }} />`;
  return html`<g class=${`neuron ${isChosen ? "chosen" : ""} ${concerned ? "concerned" : ""}`} onClick=${choose}>
    <g role="button" tabindex=${tabIndex(column, neuron, chosen, layout)} aria-pressed=${isChosen} data-place=${`${column}:${neuron}`}
        aria-label=${`${said}: activation ${number(value)}, bias ${number(bias)}`} onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, node, layout, choose)}>
      <title>${said}: activation ${number(value)}, bias ${number(bias)}</title>
      <circle class="reach" cx=${x} cy=${y} r=${radius + 5} />${shape}
      <circle class=${`bias ${bias < 0 ? "negative" : "positive"}`} cx=${x - radius * 0.72} cy=${y + radius * 0.72} r=${2 + 3 * Math.min(Math.abs(bias), 1)} />
    </g>
    <g aria-hidden="true">${!map && radius > 12 && html`<text class="value" x=${x} y=${y + 4} text-anchor="middle">${brief(value, radius > 15 ? 2 : 1)}</text>`}
      ${last && html`<text class="output-name" x=${x + radius + 8} y=${y + 1}>${shortened(name, layout.width < 560 ? 8 : 11)}</text><text class="small" x=${x + radius + 8} y=${y + 14}>${number(value, 4)}</text>`}</g>
  </g>`;
}

/** What a color shows: the value as a share of `most`. @param {number} value @param {number} most */
function shade(value, most) {
  const share = Math.round(Math.min(Math.abs(value) / most, 1) * 100);
  return `color-mix(in srgb, var(${value < 0 ? "--negative" : "--positive"}) ${share}%, var(--neutral))`;
}

/** The activation that gets the full color. @param {string} activation */
const scaleOf = (activation) => (["sigmoid", "tanh", "softmax", "step"].includes(activation) ? 1 : 2.5);

/** @param {import("../compute/network.js").LayerParameters[]} layers */
const layerMaxima = (layers) =>
  layers.map((layer) => Math.max(largestSize(layer.weights), 1e-12));

/** @param {number} weight @param {number} largest */
function strokeOf(weight, largest) {
  const share = Math.min(Math.abs(weight) / largest, 1);
  return { "stroke-width": (0.5 + 4.5 * share).toFixed(2), "stroke-opacity": (0.12 + 0.83 * Math.sqrt(share)).toFixed(2) };
}

/** @param {any} edge @param {any} chosen @param {any} hovered @param {any} highlight */
function toneOf(edge, chosen, hovered, highlight) {
  if (hovered?.edge === edge) return "lit";
  if (highlight && highlight.neuron === null) return highlight.layer === edge.layer ? "" : "dim";
  if (!chosen) return "";
  return chosen.layer === edge.layer && chosen.neuron === edge.neuron ? "lit" : "dim";
}

/** @param {HTMLCanvasElement} canvas @param {any} layout @param {any[]} edges @param {any} layers @param {number[]} largest @param {any} chosen */
function paintEdges(canvas, layout, edges, layers, largest, chosen) {
  const ratio = devicePixelRatio || 1;
  canvas.width = layout.width * ratio;
  canvas.height = layout.height * ratio;
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  const colors = [color(canvas, "--positive"), color(canvas, "--negative")];
  for (const edge of edges) {
    const weight = weightOf(edge, layers);
    const stroke = strokeOf(weight, largest[edge.layer - 1]);
    const tone = toneOf(edge, chosen, null, null);
    context.globalAlpha = Number(stroke["stroke-opacity"]) * (tone === "dim" ? 0.15 : tone === "lit" ? 1 : 0.6);
    context.strokeStyle = colors[weight < 0 ? 1 : 0];
    context.lineWidth = Number(stroke["stroke-width"]) * 0.6;
    context.setLineDash(weight < 0 ? [5, 3] : []);
    context.stroke(new Path2D(edgePath(edge)));
  }
}

/** @param {any} props */
function Tip({ known, layers, hovered, width }) {
  const { edge, x, y } = hovered;
  const before = store.initialLayers.value;
  const weight = weightOf(edge, layers);
  const from = known.names(edge.layer - 1)[edge.source];
  const to = known.names(edge.layer)[edge.neuron];
  const style = { left: `${Math.min(Math.max(x, 90), width - 90)}px`, top: `${y + 16}px` };
  return html`<div class="tip" style=${style}><b>${from} → ${to}</b><span>weight ${before ? nowAndBefore(weight, weightOf(edge, before)) : number(weight)}</span></div>`;
}

/** What is not drawn. @param {{ layout: import("../compute/layout.js").Layout, drawn: number }} props */
function Omitted({ layout, drawn }) {
  const neurons = layout.hidden.reduce((total, own) => total + own, 0);
  if (!neurons && drawn === layout.connections) return null;
  return html`<p class="note omitted">Drawn: the ${neurons ? "strongest neurons of each layer and " : ""}${count(drawn)} of ${count(layout.connections)} connections${neurons ? `; ${count(neurons)} neurons or inputs are not drawn` : ""}.</p>`;
}

/** One neuron is reached by Tab, the others from it by arrow keys. @param {number} column @param {number} neuron @param {any} chosen @param {any} layout */
function tabIndex(column, neuron, chosen, layout) {
  const first = layout.columns[1][0].neuron;
  const drawn = chosen && layout.columns[chosen.layer]?.some((/** @type {any} */ node) => node.neuron === chosen.neuron);
  const entry = drawn ? chosen : { layer: 1, neuron: first };
  return entry.layer === column && entry.neuron === neuron ? 0 : -1;
}

/** @param {KeyboardEvent} event @param {any} node @param {any} layout @param {() => void} choose */
function onKey(event, node, layout, choose) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    choose();
    return;
  }
  const moves = /** @type {Record<string, number[]>} */ ({ ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] });
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  const column = layout.columns[node.layer + move[0]];
  if (!column || node.layer + move[0] === 0) return;
  const place = layout.columns[node.layer].indexOf(node);
  const target = column[Math.min(Math.max(place + move[1], 0), column.length - 1)];
  const svg = /** @type {Element} */ (event.currentTarget).closest("svg");
  /** @type {HTMLElement | null | undefined} */ (svg?.querySelector(`[data-place="${target.layer}:${target.neuron}"]`))?.focus();
}
