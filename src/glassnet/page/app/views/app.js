/** The frame around the views: title, tabs, transport, notices. */
import { html, useEffect, useRef } from "../lib.js";
import { plural } from "../format.js";
import * as store from "../store.js";
import { ColumnsView, DoctorView } from "./columns.js";
import { DataView } from "./data.js";
import { JudgeView } from "./judge.js";
import { ModelCardView } from "./model_card.js";
import { NetworkView } from "./network.js";
import { TakeView } from "./take.js";
import { Transport } from "./transport.js";
import { Tried } from "./tried.js";
import { UseView } from "./use.js";
import { WalkView } from "./walk.js";

/** @type {[string, string, any, boolean?][]} name, title, view, only on a live page */
const VIEWS = [
  ["network", "Network", NetworkView],
  ["walk", "Walk a row", WalkView],
  ["use", "Use it", UseView],
  ["judge", "Judge it", JudgeView],
  ["columns", "Columns", ColumnsView],
  ["doctor", "Doctor", DoctorView],
  ["card", "Model card", ModelCardView],
  ["data", "Your data", DataView, true],
  ["take", "Take away", TakeView],
];

export function App() {
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const theme = store.theme.value;
  const known = store.model.value;
  const live = store.live.value;
  useEffect(() => {
    if (root.current) root.current.dataset.theme = theme;
  }, [theme]);
  const shown = VIEWS.filter(([name, , , onlyLive]) => (!onlyLive || live) && (name !== "card" || live || known?.document.card));
  const current = shown.find(([name]) => name === store.view.value) ?? shown[0];
  const title = known ? titleOf(known) : null;
  return html`<div class="gn" ref=${root} data-theme=${theme}>
    <header class="top"><div class="brand"><svg viewBox="0 0 28 20" aria-hidden="true"><path d="M4 4 14 10 4 16M14 10 24 10" /><circle cx="4" cy="4" r="3" /><circle cx="4" cy="16" r="3" /><circle cx="14" cy="10" r="3.4" /><circle cx="24" cy="10" r="3" /></svg><span>glassnet</span></div>
      <h1>${title}</h1><${ThemeChoice} /></header>
    ${!store.connected.value && html`<p class="banner" role="alert">The connection to glassnet is lost: is it still running? This page reconnects by itself.</p>`}
    ${store.notice.value && html`<p class="banner info" role="status">${store.notice.value}<button type="button" class="icon" aria-label="Close" onClick=${() => (store.notice.value = "")}>×</button></p>`}
    <${Tried} />
    <main>
    <div class="tabs" role="tablist" aria-label="Views">${shown.map(([name, text]) => html`<button type="button" role="tab" id=${`tab-${name}`} aria-controls="view" aria-selected=${name === current[0]} tabindex=${name === current[0] ? 0 : -1} onClick=${() => (store.view.value = name)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, shown, name)}>${text}</button>`)}</div>
    <${Transport} />
    <div id="view" role="tabpanel" aria-labelledby=${`tab-${current[0]}`}>${known ? html`<${current[2]} key=${current[0]} />` : html`<p class="empty">Loading …</p>`}</div>
    </main>
  </div>`;
}

/** What is predicted, from what. @param {import("../compute/model.js").Model} known */
function titleOf(known) {
  const widths = [known.network.inputs, ...known.network.layers.map((layer) => layer.width)].join("-");
  const several = known.members.length > 1 ? `${known.members.length} networks ` : "";
  return html`<span>${known.target.columns.join(", ")}</span><small>${known.target.task} from ${plural(known.encoders.length, "column")} · ${several}${widths}</small>`;
}

/** @param {KeyboardEvent} event @param {any[]} shown @param {string} name */
function onKey(event, shown, name) {
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!move) return;
  event.preventDefault();
  const at = shown.findIndex(([own]) => own === name);
  const [next] = shown[(at + move + shown.length) % shown.length];
  store.view.value = next;
  document.getElementById(`tab-${next}`)?.focus();
}

function ThemeChoice() {
  const order = ["auto", "light", "dark"];
  const next = order[(order.indexOf(store.theme.value) + 1) % order.length];
  return html`<button type="button" class="theme" onClick=${() => store.setTheme(next)} aria-label=${`Theme: ${store.theme.value}; change to ${next}`}><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="2" /><path d="M10 3a7 7 0 0 1 0 14z" /></svg><span>${store.theme.value}</span></button>`;
}
