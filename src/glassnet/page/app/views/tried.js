/** Parameters that a person changes by hand, to see what the network would say. */
import { html, useEffect, useRef, useState } from "../lib.js";
import { fixed, plural, signed } from "../format.js";
import * as store from "../store.js";

/** A weight or bias that can be changed: a click makes it a field. @param {{ at: number, value: number, label: string, sign?: boolean }} props at: its place in the flat vector */
export function Tryable({ at, value, label, sign = false }) {
  const [open, setOpen] = useState(false);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    if (open) field.current?.select();
  }, [open]);
  const several = (store.model.value?.members.length ?? 1) > 1; // their mean predicts
  const text = sign ? signed(value, 5) : fixed(value, 5);
  if (several) return text;
  if (!open) {
    const changed = store.tried.value.has(at);
    return html`<button type="button" class=${`tryable ${changed ? "tried" : ""}`} onClick=${() => setOpen(true)} title="Try another value" aria-label=${`${label}: ${text}${changed ? ", changed by hand" : ""}; try another value`}>${text}</button>`;
  }
  const close = (/** @type {any} */ event) => {
    const next = Number(event.currentTarget.value);
    if (event.currentTarget.value !== "" && Number.isFinite(next) && next !== Number(value.toFixed(5))) store.tryValue(at, next);
    setOpen(false);
  };
  const onKey = (/** @type {any} */ event) => {
    if (event.key === "Enter") close(event);
    if (event.key === "Escape") setOpen(false);
  };
  return html`<input ref=${field} class="tryable-field" type="number" step="0.1" value=${value.toFixed(5)} aria-label=${label} onBlur=${close} onKeyDown=${onKey} />`;
}

/** That parameters are changed, and how to take it back. */
export function Tried() {
  const { size } = store.tried.value;
  if (!size) return null;
  return html`<p class="banner info" role="status"><span>${plural(size, "parameter")} changed by hand: everything here is computed with ${size === 1 ? "it" : "them"}. Training does not use ${size === 1 ? "it" : "them"}.</span><button type="button" onClick=${() => (store.tried.value = new Map())}>take back</button></p>`;
}
