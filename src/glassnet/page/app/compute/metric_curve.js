/** A metric that is easier to read than the loss, over the recorded epochs: accuracy, or the root mean squared error. */
import { spread } from "./arrays.js";
import { layersOf, parameterCount } from "./network.js";
import { figures, judge, partsOf } from "./quality.js";

const MOST_EPOCHS = 120;
const WORK = 4e6; // multiplications for one epoch and part

/** @type {WeakMap<import("./model.js").Model, MetricCurve>} */
const known = new WeakMap();

/** The curve of a model, with the points that were computed before. @param {import("./model.js").Model} model */
export function metricCurve(model) {
  const own = known.get(model) ?? new MetricCurve(model);
  known.set(model, own);
  return own;
}

class MetricCurve {
  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.model = model;
    const parts = partsOf(model).filter((part) => part !== "holdout");
    this.parts = parts.length ? parts : [""];
    const name = model.target.columns.length > 1 ? `rmse ${model.target.columns[0]}` : "rmse";
    this.name = model.classifies ? "accuracy" : name;
    this.most = Math.max(20, Math.round(WORK / parameterCount(model.network)));
    /** @type {Map<number, number[]>} by epoch, the metric on each part */
    this.points = new Map();
  }

  /** Compute what is missing for so many milliseconds; whether something is still missing. @param {import("./model.js").Moments} moments @param {number} budget */
  extend({ epochs, vectors }, budget) {
    const end = performance.now() + budget;
    for (const at of spread(epochs.length, MOST_EPOCHS)) {
      if (this.points.has(epochs[at]) || !vectors[at]) continue;
      if (performance.now() > end) return true;
      const layers = layersOf(this.model.network, vectors[at]);
      const values = this.parts.map((part) => figures(this.model, judge(this.model, [layers], part, this.most))[this.name] ?? NaN);
      this.points.set(epochs[at], values);
    }
    return false;
  }

  /** Epochs, and for each part the metric there. @returns {[number[], ...number[][]]} */
  lines() {
    const epochs = [...this.points.keys()].sort((a, b) => a - b);
    return [epochs, ...this.parts.map((_, i) => epochs.map((epoch) => this.points.get(epoch)?.[i] ?? NaN))];
  }
}
