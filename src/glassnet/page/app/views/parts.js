/** Small pieces that several views share. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib.js";
import { count, number } from "../format.js";
import * as store from "../store.js";

/** A framed part of a view. @param {{ title?: any, tools?: any, note?: any, children?: any, class?: string, frame?: any }} props */
export function Card({ title, tools, note, children, class: name = "", frame }) {
  return html`<section class=${`card ${name}`} ref=${frame}>
    ${(title || tools) && html`<header class="card-head"><h2>${title}</h2>${tools && html`<div class="tools">${tools}</div>`}</header>`}
    ${note && html`<p class="note">${note}</p>`}
    ${children}
  </section>`;
}

/** A row of mutually exclusive buttons. @param {{ label: string, value: any, options: [any, string][], onChange: (value: any) => void }} props */
export function Choice({ label, value, options, onChange }) {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([own, text]) =>
        html`<button type="button" aria-pressed=${own === value} onClick=${() => onChange(own)}>${text}</button>`,
    )}
  </div>`;
}

/** A table of plain cells; the first column is a heading. @param {{ caption?: string, head: any[], rows: any[][], numeric?: boolean, class?: string }} props */
export function Grid({ caption, head, rows, numeric = true, class: name = "" }) {
  return html`<${Scroll} label=${caption ?? "Table"}>
    <table class=${`grid ${numeric ? "numeric" : ""} ${name}`}>
      ${caption && html`<caption class="hidden-text">${caption}</caption>`}
      ${head.some((/** @type {any} */ cell) => cell !== "") && html`<thead><tr>${head.map((/** @type {any} */ cell) => (cell === "" ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>`}
      <tbody>${rows.map(
        (cells) => html`<tr>${cells.map((cell, i) => (i ? html`<td>${cell}</td>` : html`<th scope="row">${cell}</th>`))}</tr>`,
      )}</tbody>
    </table>
  </${Scroll}>`;
}

/** What may be wider than the screen; it takes the focus only where it can be scrolled. @param {{ label: string, children?: any, class?: string }} props */
export function Scroll({ label, children, class: name = "" }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const look = () =>
      setScrolls(element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
    look(); // the observer tells only after the first paint
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const more = scrolls ? { tabIndex: 0, role: "region", "aria-label": label } : {};
  return html`<div class=${`scroll ${name}`} ref=${ref} ...${more}>${children}</div>`;
}

/** The table behind a picture; it is made when it is opened. @param {{ label?: string, table: () => any }} props */
export function Behind({ label = "Show as a table", table }) {
  const [open, setOpen] = useState(false);
  return html`<details class="behind" onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
    <summary>${label}</summary>${open && table()}
  </details>`;
}

const SHARE = 1 / 20; // of the time may be spent on what is computed from parameters while they change
const UNLIMITED_SHARE = 1 / 200; // the same, while training plays as fast as it can

/**
 * Like useMemo, but while training plays or the slider is moved a new value is computed only so often that it takes a small share of the time.
 * @template T @param {() => T} compute @param {any[]} changing inputs that training changes @param {any[]} fixed other inputs @returns {T}
 */
export function useSparingly(compute, changing, fixed) {
  const last = useRef(/** @type {{ value: T, changing: any[], fixed: any[], until: number } | null} */ (null));
  const differ = (/** @type {any[]} */ a, /** @type {any[]} */ b) => a.some((own, i) => own !== b[i]);
  const known = last.current;
  const due = !store.changing.value || performance.now() >= (known?.until ?? 0);
  if (!known || differ(fixed, known.fixed) || (due && differ(changing, known.changing))) {
    const before = performance.now();
    const value = compute();
    const after = performance.now();
    last.current = { value, changing, fixed, until: after + (after - before) / (store.unlimited.value ? UNLIMITED_SHARE : SHARE) };
  }
  return /** @type {{ value: T }} */ (last.current).value;
}

/**
 * What a view draws from: `read` gives the value of a signal, or, while the view is not on the screen and training plays or
 * the slider is moved, the one that it had before; `frame` goes to its card.
 * @param {import("../store.js").Model | null} model to which the values belong
 * @returns {{ frame: (element: Element | null) => void, read: <T>(signal: { value: T }) => T }}
 */
export function useOnScreen(model) {
  const [element, frame] = useState(/** @type {Element | null} */ (null));
  const [on, setOn] = useState(true);
  const kept = useRef({ model, values: new Map() });
  useEffect(() => {
    if (!element) return;
    const observer = new IntersectionObserver((entries) => setOn(entries[entries.length - 1].isIntersecting), { rootMargin: "-60px 0px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  if (on || !store.changing.value || kept.current.model !== model) kept.current = { model, values: new Map() };
  const { values } = kept.current;
  const read = (/** @type {{ value: any }} */ signal) => {
    if (!values.has(signal)) values.set(signal, signal.value);
    return values.get(signal);
  };
  return { frame, read };
}

/** A swatch and a word. @param {{ kind: string, children?: any }} props */
export const Key = ({ kind, children }) => html`<span class="key"><i class=${`swatch ${kind}`} aria-hidden="true"></i>${children}</span>`;

/** Which row flows through the network. */
export function RowPicker() {
  const known = store.model.value;
  if (!known || !known.rows.length) return html`<span class="muted">an average row (the model has no table)</span>`;
  const { numbers, total } = known.document.rows;
  const at = Math.min(store.rowAt.value, known.rows.length - 1);
  const move = (/** @type {number} */ to) => {
    store.rowAt.value = (to + known.rows.length) % known.rows.length;
  };
  const seek = (/** @type {any} */ event) => {
    const wanted = Number(event.currentTarget.value);
    let best = 0;
    numbers.forEach((/** @type {number} */ own, /** @type {number} */ i) => {
      if (Math.abs(own - wanted) < Math.abs(numbers[best] - wanted)) best = i;
    });
    move(best);
    event.currentTarget.value = numbers[best];
  };
  return html`<span class="row-picker">
    <button type="button" class="icon" aria-label="Previous row" onClick=${() => move(at - 1)}>‹</button>
    <label>row <input type="number" min="0" max=${total - 1} value=${numbers[at]} onChange=${seek} aria-label="Number of the row, from 0" /></label>
    <span class="muted">of ${count(total)}, from 0</span>
    <button type="button" class="icon" aria-label="Next row" onClick=${() => move(at + 1)}>›</button>
  </span>`;
}

/** Which of several networks is shown; its number is from 0, as in Python. */
export function MemberPicker() {
  const many = store.model.value?.members.length ?? 1;
  if (many === 1) return null;
  return html`<label class="inline">network <select data-test="member" value=${store.member.value} onChange=${(/** @type {any} */ event) => (store.member.value = Number(event.currentTarget.value))}>${Array.from({ length: many }, (_, i) => html`<option value=${i} selected=${i === store.member.value}>${i}</option>`)}</select> of ${many}, from 0</label>`;
}

/** ", network 0", where there are several. */
export const ofMember = () => ((store.model.value?.members.length ?? 1) > 1 ? `, network ${store.member.value}` : "");

/** A bar from the middle to the left or right. @param {{ value: number, most: number }} props */
export function SignedBar({ value, most }) {
  const share = most ? Math.min(Math.abs(value) / most, 1) * 50 : 0;
  const style = { left: `${value < 0 ? 50 - share : 50}%`, width: `${share}%` };
  return html`<span class="signed-bar" aria-hidden="true"><i class=${value < 0 ? "negative" : "positive"} style=${style}></i></span>`;
}

/** Rebuild `draw` on a canvas or another element whenever its inputs change or it is resized. @param {(element: HTMLElement, width: number) => void} draw @param {any[]} inputs */
export function useDrawn(draw, inputs) {
  const [element, setElement] = useState(/** @type {HTMLElement | null} */ (null)); // it may come and go
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element?.parentElement) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(element.parentElement);
    return () => observer.disconnect();
  }, [element]);
  useEffect(() => {
    if (element && width) draw(element, width);
  }, [element, width, store.theme.value, ...inputs]);
  return setElement;
}

/** @type {Map<string, string>} */
const colors = new Map();
const dark = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;

/** The color that a custom property has in the present theme; it is looked up once. @param {Element} element @param {string} name */
export function color(element, name) {
  const key = `${name} ${store.theme.value} ${dark?.matches}`;
  const known = colors.get(key) ?? getComputedStyle(element).getPropertyValue(name).trim();
  if (known) colors.set(key, known);
  return known;
}

/** "0.123 (was 0.4 at the start)". @param {number} now @param {number} before */
export const nowAndBefore = (now, before) => `${number(now)} (was ${number(before)} at the start)`;
