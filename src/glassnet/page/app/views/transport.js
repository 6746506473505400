/** Play, pause, step, epoch, finish: how a live training goes on. */
import { html } from "../lib.js";
import { count, fixed } from "../format.js";
import * as store from "../store.js";
import { ofMember } from "./parts.js";
import { Timeline } from "./timeline.js";

const SPEEDS = [[1, "1 epoch/s"], [5, "5 epochs/s"], [25, "25 epochs/s"], [100, "100 epochs/s"], [500, "500 epochs/s"], [0, "as fast as it can"]];

export function Transport() {
  const running = store.run.value;
  const live = store.live.value;
  if (!running || !live) {
    return store.moments.value.length > 1 ? html`<div class="transport report-bar"><span class="muted">Look at${ofMember()}</span><${Timeline} /></div>` : null;
  }
  const playing = running.state === "playing";
  const over = running.state === "ended" || running.state === "failed";
  const press = (/** @type {string} */ action) => () => {
    store.moment.value = null;
    live.control(action);
  };
  const curves = store.own.value?.curves;
  const loss = curves?.loss.at(-1);
  const validation = curves?.validation.at(-1);
  return html`<div class="transport" role="group" aria-label="Training">
    <div class="buttons">
      <button type="button" class="round primary" onClick=${press(playing ? "pause" : "play")} disabled=${over} aria-label=${playing ? "Pause" : "Play"} title=${playing ? "Pause" : "Play"}>
        ${playing ? html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 3h3.5v14H5zM11.5 3H15v14h-3.5z" /></svg>` : html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 2.5v15l12.5-7.5z" /></svg>`}</button>
      <button type="button" onClick=${press("step")} disabled=${over || playing} title="One step of the optimizer: the next batch of rows">step</button>
      <button type="button" onClick=${press("epoch")} disabled=${over || playing} title="One epoch: all rows once">epoch</button>
      <button type="button" onClick=${press("finish")} disabled=${over} title="Train on to the end, as fast as it can">finish</button>
      <button type="button" onClick=${press("stop")} disabled=${over || running.epoch === 0} title="End here and keep the best so far">stop</button>
      <button type="button" onClick=${press("restart")} title="Start again with the same settings">start again</button>
      <label class="speed"><span class="hidden-text">Speed</span><select value=${running.speed} onChange=${(/** @type {any} */ event) => live.control("speed", { speed: Number(event.currentTarget.value) })}>
        ${SPEEDS.map(([value, text]) => html`<option value=${value} selected=${value === running.speed}>${text}</option>`)}</select></label>
    </div>
    <div class="meters">
      <span class="meter"><i>epoch</i><b data-test="epoch">${count(running.epoch)}</b><small>of ${count(running.epochs)}${running.step ? ` · step ${count(running.step.place)} of ${count(running.step.steps)}` : ""}</small></span>
      <span class="meter"><i>training error</i><b>${loss === undefined ? "–" : fixed(loss, 4)}</b></span>
      ${validation !== undefined && html`<span class="meter"><i>validation error</i><b>${fixed(validation, 4)}</b></span>`}
    </div>
    <${Timeline} />
    ${over && html`<p class=${`ended ${running.state}`} role="status">${running.state === "failed" ? running.error : `Ended: ${running.reason}.${keptText(curves)}`}</p>`}
  </div>`;
}

/** @param {import("../compute/model.js").Curves | undefined} curves */
function keptText(curves) {
  if (!curves?.validation.length) return "";
  return ` Kept: epoch ${count(curves.best)}, the lowest validation error.`;
}
