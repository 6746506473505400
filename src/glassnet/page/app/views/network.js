/** The first view: the network, the arithmetic of a neuron, the error, and what was learnt. */
import { html, useEffect, useState } from "../lib.js";
import { count, number } from "../format.js";
import { ledger } from "../compute/ledger.js";
import * as store from "../store.js";
import { Curves } from "./curves.js";
import { LiveQuality } from "./judge.js";
import { Inspector } from "./neuron.js";
import { Behind, Card, Grid, MemberPicker, RowPicker, ofMember, useOnScreen, useSparingly } from "./parts.js";
import { Picture } from "./picture.js";
import { Outputs, Surface } from "./results.js";
import { Settings } from "./settings.js";
import { StepCard } from "./step.js";
import { PictureTools } from "./take.js";

export function NetworkView() {
  const known = store.model.value;
  const cards = useOneByOne(LOWER.length);
  if (!known) return null;
  const members = known.members.length;
  const tools = html`<${MemberPicker} /><${RowPicker} />`;
  const note = members > 1 && `The model predicts with the mean of its ${members} networks; this is network ${store.member.value}.`;
  return html`<div class="network-view">
    ${store.live.value && html`<${Settings} />`}
    <div class="stage">
      <${Card} title="The network" tools=${tools} note=${note} class="net-card"><${Picture} />
        <div class="card-foot"><${Behind} label="Weights as a table" table=${() => html`<${Weights} />`} /><${PictureTools} /></div></${Card}>
      <div class="inspector"><${StepCard} /><${Inspector} /><${Curves} /></div>
      <div class="lower">${LOWER.slice(0, cards).map((card) => html`<${card} />`)}</div>
    </div>
  </div>`;
}

/** How many of the cards below are shown: one more whenever the browser is idle, after the network itself is on the screen. @param {number} most */
function useOneByOne(most) {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (shown === most) return;
    if (typeof requestIdleCallback !== "function") {
      const timer = setTimeout(() => setShown(shown + 1), 20);
      return () => clearTimeout(timer);
    }
    const waiting = requestIdleCallback(() => setShown(shown + 1), { timeout: 300 });
    return () => cancelIdleCallback(waiting);
  }, [shown]);
  return shown;
}

const MOST_CELLS = 30;

/** The weights of every layer, as far as they can be read. */
function Weights() {
  const known = store.model.value;
  const layers = store.layers.value;
  if (!known || !layers) return null;
  return layers.map((layer, at) => {
    const columns = Math.min(layer.outputs, 12);
    const rows = Math.min(layer.inputs, MOST_CELLS);
    const names = known.names(at);
    const cut = columns < layer.outputs || rows < layer.inputs ? `; the first ${rows} × ${columns} of ${layer.inputs} × ${layer.outputs}` : "";
    const body = Array.from({ length: rows }, (_, i) => [names[i], ...Array.from({ length: columns }, (_, o) => number(layer.weights[i * layer.outputs + o]))]);
    body.push(["bias", ...Array.from(layer.biases.slice(0, columns), (value) => number(value))]);
    return html`<h3>Weights into the ${known.layerName(at)}${cut}</h3><${Grid} caption=${`Weights into the ${known.layerName(at)}`} head=${["from", ...known.names(at + 1).slice(0, columns)]} rows=${body} />`;
  });
}

/** Initial against learnt weights and biases. */
function Ledger() {
  const { frame, read } = useOnScreen(store.model.value);
  const initial = store.initialLayers.value;
  const now = read(store.layers);
  const rows = useSparingly(() => (initial && now ? ledger(initial, now) : []), [now], [initial]).map((own) => [
    `layer ${own.layer} ${own.what}`,
    count(own.count),
    ...own.sums.map((value) => number(value, 5)),
    ...own.norms.map((value) => number(value, 4)),
    number(own.change, 3),
  ]);
  return html`<${Card} title=${`Initial against learnt${ofMember()}`} class="ledger" frame=${frame}>
    <${Grid} caption="Initial against learnt parameters" head=${["parameters", "count", "sum: initial", "now", "norm: initial", "now", "largest change"]} rows=${rows} /></${Card}>`;
}

const LOWER = [Surface, LiveQuality, Outputs, Ledger];
