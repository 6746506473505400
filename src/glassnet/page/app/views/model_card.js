/** The model card: what the model should not be used for, figures with intervals, data, settings, a script. */
import { html } from "../lib.js";
import * as store from "../store.js";
import { Missing } from "./missing.js";
import { Card, Grid, Scroll } from "./parts.js";

export function ModelCardView() {
  const known = store.model.value;
  const blocks = known?.document.card;
  if (!known) return null;
  if (!blocks) return html`<${Missing} what="Model card" />`;
  return html`<div class="card-view">${sections(blocks).map(({ title, parts }) => html`<${Card} title=${title}>${parts.map((part, at) => html`<${Block} block=${part} caption=${`${title}, part ${at + 1}`} />`)}</${Card}>`)}</div>`;
}

/** The blocks below each heading of the first two levels. @param {any[]} blocks */
function sections(blocks) {
  /** @type {{ title: string, parts: any[] }[]} */
  const found = [];
  for (const block of blocks) {
    if (block.kind === "heading" && block.level < 3) found.push({ title: block.text, parts: [] });
    else found[found.length - 1].parts.push(block);
  }
  return found;
}

/** @param {{ block: any, caption: string }} props */
function Block({ block, caption }) {
  if (block.kind === "heading") return html`<h3>${block.text}</h3>`;
  if (block.kind === "paragraph") return html`<p>${block.text}</p>`;
  if (block.kind === "code") return html`<${Scroll} label=${`${caption}: script`}><pre>${block.lines.join("\n")}</pre></${Scroll}>`;
  return html`<${Grid} caption=${caption} head=${block.head} rows=${block.rows} numeric=${!block.align || block.align.includes(">")} />`;
}
