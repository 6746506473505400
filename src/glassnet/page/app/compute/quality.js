/**
 * Predictions compared with the true values of rows.
 *
 * @typedef {object} Judged
 * @property {number[]} at the positions of the rows that have a target
 * @property {import("./predict.js").Prediction[]} predictions one for each of them
 */
import { spread } from "./arrays.js";
import { decode } from "./predict.js";
import { meanOutputs } from "./network.js";

/**
 * @param {import("./model.js").Model} model @param {import("./network.js").LayerParameters[][]} networks
 * @param {string} part of the table's rows; "" for all @param {number} most rows, spread over all
 * @returns {Judged}
 */
export function judge(model, networks, part = "", most = Infinity) {
  const all = model.rows.map((_, at) => at).filter((at) => (!part || model.parts[at] === part) && model.targetOf(model.rows[at]));
  const at = spread(all.length, most).map((i) => all[i]);
  const predictions = at.map((own) => decode(model.target, meanOutputs(model.network, networks, model.encode(model.rows[own]))));
  return { at, predictions };
}

/** The parts of the table that the rows are known to belong to, in this order. @param {import("./model.js").Model} model @returns {string[]} */
export const partsOf = (model) => ["train", "validation", "holdout"].filter((part) => model.parts.includes(part));

/** How many rows of each true class (first index) were predicted as each class. @param {import("./model.js").Model} model @param {Judged} judged */
export function confusion(model, judged) {
  const classes = model.target.classes ?? [];
  const name = model.target.columns[0];
  /** @type {number[][][]} */
  const cells = classes.map(() => classes.map(() => []));
  judged.at.forEach((at, i) => {
    const actual = classes.indexOf(String(model.rows[at][name]));
    const predicted = classes.indexOf(judged.predictions[i].label ?? "");
    cells[actual][predicted].push(at);
  });
  return cells;
}

/**
 * Actual and predicted values of one target, with the rows they belong to.
 * @param {import("./model.js").Model} model @param {Judged} judged @param {number} output
 * @returns {{ at: number, actual: number, predicted: number }[]}
 */
export function pairs(model, judged, output) {
  const name = model.target.columns[output];
  return judged.at.flatMap((at, i) => {
    const actual = model.rows[at][name];
    const predicted = judged.predictions[i].numbers?.[output];
    return typeof actual === "number" && predicted !== undefined ? [{ at, actual, predicted }] : [];
  });
}

/** The figures of these predictions. @param {import("./model.js").Model} model @param {Judged} judged @returns {Record<string, number>} */
export function figures(model, judged) {
  if (!judged.at.length) return {};
  if (model.classifies) {
    const cells = confusion(model, judged);
    const right = cells.reduce((total, row, i) => total + row[i].length, 0);
    const classes = model.target.classes ?? [];
    const losses = judged.at.map((at, i) => {
      const actual = classes.indexOf(String(model.rows[at][model.target.columns[0]]));
      return -Math.log(Math.max(judged.predictions[i].probabilities?.[actual] ?? 0, Number.EPSILON));
    });
    return { accuracy: right / judged.at.length, log_loss: mean(losses) };
  }
  /** @type {Record<string, number>} */
  const found = {};
  model.target.columns.forEach((name, output) => {
    const own = pairs(model, judged, output);
    const suffix = model.target.columns.length > 1 ? ` ${name}` : "";
    const errors = own.map((pair) => pair.predicted - pair.actual);
    const center = mean(own.map((pair) => pair.actual));
    const spread = mean(own.map((pair) => (pair.actual - center) ** 2));
    const squares = mean(errors.map((error) => error ** 2));
    found[`rmse${suffix}`] = Math.sqrt(squares);
    found[`mae${suffix}`] = mean(errors.map(Math.abs));
    found[`r2${suffix}`] = spread ? 1 - squares / spread : NaN;
  });
  return found;
}

/** @param {number[]} values */
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
