// Reads a document from standard input; prints what the page's own arithmetic makes of its rows, as JSON.
import { readFileSync } from "node:fs";
const app = new URL("../../src/glassnet/page/app/", import.meta.url);
const { unpack } = await import(new URL("compute/arrays.js", app));
const { encodeRow } = await import(new URL("compute/encode.js", app));
const { backward, forward, layersOf, meanOutputs, rowLoss } = await import(new URL("compute/network.js", app));
const { decode, encodeTarget } = await import(new URL("compute/predict.js", app));
const { firstStep } = await import(new URL("compute/optimizers.js", app));
const { rowsOf } = await import(new URL("compute/model.js", app));
const { contributions, overColumns } = await import(new URL("compute/attribution.js", app));

const model = JSON.parse(readFileSync(0, "utf8"));
const vector = unpack(model.members[0].learnt);
const layers = layersOf(model.network, vector);
const members = model.members.map((own) => layersOf(model.network, unpack(own.learnt)));
const single = model.engine.dtype === "float32";
const last = model.network.layers.at(-1).width;
const rows = rowsOf(model.rows);
const inputs = rows.map((row) => encodeRow(model.encoders, row, single));
const outputs = inputs.map((own) => [...meanOutputs(model.network, members, own)]);
const said = outputs.map((own) => decode(model.target, Float64Array.from(own)));

const trace = forward(model.network, layers, inputs[0]);
const y = encodeTarget(model.target, rows[0], last);
const back = backward(model.network, layers, trace, y, model.objective);
const start = unpack(model.statistics.means);
const found = contributions(model.network, members, Float64Array.from(start), inputs[0], 0, 16);
console.log(
  JSON.stringify({
    inputs: inputs.map((own) => [...own]),
    outputs,
    labels: said.map((each) => each.label),
    probabilities: said.map((each) => each.probabilities && [...each.probabilities]),
    numbers: said.map((each) => each.numbers),
    loss: rowLoss(model.network, trace, y, model.objective.loss),
    deltas: back.deltas.map((own) => [...own]),
    errors: back.errors.map((own) => [...own]),
    slopes: back.slopes.map((own) => [...own]),
    gradient: [...back.gradient],
    change: [...firstStep(model.optimizer, back.gradient, vector, model.rate)],
    contributions: overColumns(model.encoders, found.parts),
    gap: found.gap,
  }),
);
