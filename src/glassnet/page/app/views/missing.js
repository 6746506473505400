/** In place of what is measured only after a training has ended. */
import { html, useEffect } from "../lib.js";
import * as store from "../store.js";
import { Card } from "./parts.js";

/** @param {{ what: string }} props */
export function Missing({ what }) {
  const live = store.live.value;
  const running = store.run.value;
  const ended = running?.state === "ended";
  useEffect(() => {
    if (ended) live?.examine();
  }, [ended, running?.id]);
  return html`<${Card} title=${what}>${live
    ? html`<p class="muted" role="status">${ended ? "This is being measured on the rows of the table …" : "This is measured when the training has ended: press finish, or stop."}</p>`
    : html`<p class="muted">This document does not include it.</p>`}</${Card}>`;
}
