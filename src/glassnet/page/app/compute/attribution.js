/** Integrated gradients (Sundararajan, Taly, Yan, 2017): what each column contributed to one output of one row. */
import { inputGradient, meanOutputs } from "./network.js";

// Gauss and Legendre's eight points on [0, 1], and their weights.
const POINTS = [0.019855071751231856, 0.10166676129318664, 0.2372337950418355, 0.4082826787521751,
  0.5917173212478249, 0.7627662049581645, 0.8983332387068134, 0.9801449282487681];
const WEIGHTS = [0.05061426814518813, 0.11119051722668724, 0.15685332293894363, 0.18134189168918098,
  0.18134189168918098, 0.15685332293894363, 0.11119051722668724, 0.05061426814518813];

/**
 * @param {import("./network.js").Network} network @param {import("./network.js").LayerParameters[][]} members the networks, whose mean is attributed
 * @param {Float64Array} start the encoded row that contributions start from
 * @param {Float64Array} row @param {number} output @param {number} pieces the line is cut into
 * @returns {{ parts: Float64Array, start: number, end: number, gap: number }} parts (I,); gap is missing from their sum
 */
export function contributions(network, members, start, row, output, pieces = 4) {
  const line = row.map((value, i) => value - start[i]);
  const parts = new Float64Array(row.length);
  for (let piece = 0; piece < pieces; piece++) {
    POINTS.forEach((point, node) => {
      const t = (piece + point) / pieces;
      const place = start.map((value, i) => value + t * line[i]);
      for (const layers of members) {
        const gradient = inputGradient(network, layers, place, output);
        const share = WEIGHTS[node] / pieces / members.length;
        for (let i = 0; i < parts.length; i++) parts[i] += share * gradient[i] * line[i];
      }
    });
  }
  const first = meanOutputs(network, members, start)[output];
  const last = meanOutputs(network, members, row)[output];
  const total = parts.reduce((a, b) => a + b, 0);
  return { parts, start: first, end: last, gap: last - first - total };
}

/** The sums over each column's inputs. @param {import("./encode.js").Encoder[]} encoders @param {Float64Array} inputs */
export function overColumns(encoders, inputs) {
  let at = 0;
  return encoders.map((encoder) => {
    let total = 0;
    for (let i = 0; i < encoder.input_names.length; i++) total += inputs[at + i];
    at += encoder.input_names.length;
    return total;
  });
}
