/** The recorded epochs as a slider: scrub back through the training. */
import { html, useEffect } from "../lib.js";
import { count } from "../format.js";
import * as store from "../store.js";

export function Timeline() {
  const epochs = store.moments.value;
  const moment = store.moment.value;
  const running = store.run.value;
  useEffect(() => {
    // what is not here yet is fetched when it is looked at
    const own = store.own.value;
    const wanted = moment === null ? -1 : epochs.indexOf(moment);
    if (own && wanted >= 0 && !own.moments.vectors[wanted]) store.live.value?.fetchMoments(epochs);
  }, [moment]);
  if (epochs.length < 2) return null;
  const best = store.own.value?.curves.best ?? 0;
  const now = running ? running.epoch : best;
  const at = moment === null ? nearest(epochs, now) : epochs.indexOf(moment);
  const set = (/** @type {any} */ event) => {
    const place = Number(event.currentTarget.value);
    const last = place === epochs.length - 1;
    store.scrub(last && running ? null : epochs[place]);
  };
  const text = moment === null ? (running ? "now" : "kept") : moment === 0 ? "the start" : `epoch ${count(moment)}`;
  return html`<div class="timeline">
    <label><span class="hidden-text">Epoch to look at</span>
      <input type="range" min="0" max=${epochs.length - 1} value=${at} onInput=${set} aria-valuetext=${text} style=${{ "--share": `${(100 * at) / (epochs.length - 1)}%` }} /></label>
    <output>${text}</output>
    ${moment !== null && html`<button type="button" class="link" onClick=${() => (store.moment.value = null)}>back to ${running ? "now" : "the kept epoch"}</button>`}
  </div>`;
}

/** @param {number[]} epochs @param {number} wanted */
function nearest(epochs, wanted) {
  let best = epochs.length - 1;
  epochs.forEach((epoch, i) => {
    if (Math.abs(epoch - wanted) < Math.abs(epochs[best] - wanted)) best = i;
  });
  return best;
}
