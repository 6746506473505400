/** The step that training really makes where all rows are one batch: the mean over the rows, by hand. */
import { html, useMemo } from "../lib.js";
import { fixed, number, small } from "../format.js";
import { backward, forward } from "../compute/network.js";
import { smoothed } from "../compute/losses.js";
import { firstStep } from "../compute/optimizers.js";
import * as store from "../store.js";
import { Grid } from "./parts.js";

const MOST_ROWS = 6;

/** For a table of a few rows. @param {{ place: import("../store.js").Place }} props */
export function AllRows({ place }) {
  const known = store.model.value;
  const layers = store.layers.value;
  const vector = store.vector.value;
  const few = known !== null && known.rows.length > 1 && known.rows.length <= MOST_ROWS && known.document.settings.batch_size === null;
  const step = useMemo(() => {
    if (!known || !few || !layers || !vector) return null;
    const gradients = known.rows.map((row) => {
      const y = known.targetOf(row);
      const trace = forward(known.network, layers, known.encode(row));
      return y ? backward(known.network, layers, trace, smoothed(known.objective.loss, y), known.objective).gradient : null;
    });
    const mean = new Float64Array(vector.length);
    const labeled = gradients.filter((own) => own !== null);
    for (const own of labeled) own.forEach((value, i) => (mean[i] += value / labeled.length));
    return { gradients: labeled, mean, change: firstStep(known.document.optimizer, mean, vector, known.document.rate) };
  }, [known, layers, few]);
  if (!known || !layers || !vector || !step) return null;
  const { start, inputs, outputs } = layers[place.layer - 1];
  const names = [...known.names(place.layer - 1), "bias"];
  const rows = names.map((name, i) => {
    const at = i < inputs ? start + i * outputs + place.neuron : start + inputs * outputs + place.neuron;
    return [name, ...step.gradients.map((own) => small(own[at])), small(step.mean[at]), fixed(vector[at], 5), small(step.change[at]), html`<b>${fixed(vector[at] + step.change[at], 5)}</b>`];
  });
  return html`<h3>The next step of training, by hand</h3>
    <p class="muted">All ${step.gradients.length} rows are one batch: their gradients are averaged, and the step is −${number(known.document.rate)} times that mean.</p>
    <${Grid} caption="The next step over all rows" head=${["weight from", ...step.gradients.map((_, i) => `row ${i}`), "mean", "now", "change", "next"]} rows=${rows} />`;
}
