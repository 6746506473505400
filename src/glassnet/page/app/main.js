/** The page of a report or of a live training: the document stands in the page, or comes from the server. */
import { html, render } from "./lib.js";
import { Model } from "./compute/model.js";
import { connect } from "./adapters/live.js";
import { App } from "./views/app.js";
import * as store from "./store.js";

/** Show a document in an element. @param {HTMLElement} element @param {any} document_ */
export function mount(element, document_) {
  if (document_) store.show(new Model(document_));
  render(html`<${App} />`, element);
}

export function start() {
  const element = document.getElementById("glassnet");
  if (!element) return;
  const embedded = document.getElementById("glassnet-document");
  mount(element, embedded?.textContent ? JSON.parse(embedded.textContent) : null);
  if (embedded) document.addEventListener("DOMContentLoaded", () => store.grown.value++); // recorded epochs have arrived
  else connect();
}

if (typeof document !== "undefined") start();
