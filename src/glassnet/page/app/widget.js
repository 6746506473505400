/** The page as a widget in a notebook: the document comes with the widget's traffic. */
import { html, render } from "./lib.js";
import { Model } from "./compute/model.js";
import { App } from "./views/app.js";
import * as store from "./store.js";

/** What anywidget calls. @param {{ model: { get: (name: string) => any, on: (event: string, done: () => void) => void }, el: HTMLElement }} widget */
export function mountWidget({ model, el }) {
  const show = () => store.show(new Model(model.get("document")));
  show();
  model.on("change:document", show);
  render(html`<${App} />`, el);
  return () => render(null, el);
}
