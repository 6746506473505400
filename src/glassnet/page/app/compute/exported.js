/**
 * A model on raw rows: what `glassnet export` writes into a module of its own.
 *
 * @typedef {{ activation: string } & import("./layer.js").LayerParameters} ExportedLayer
 *
 * @typedef {object} Answer how some outputs become the value of a target
 * @property {string} target
 * @property {number} first
 * @property {number} last
 * @property {(string | number | boolean)[] | null} classes
 * @property {number} temperature
 * @property {number} mean
 * @property {number} scale
 * @property {number | null} lowest
 * @property {number | null} highest
 *
 * @typedef {{ columns: import("./program.js").ColumnProgram[], answers: Answer[], members: ExportedLayer[][] }} Program
 */
import { activate } from "./activations.js";
import { argmax } from "./arrays.js";
import { readCell } from "./cells.js";
import { weightedSums } from "./layer.js";
import { probabilitiesOf, tempered } from "./predict.js";
import { columnInputs } from "./program.js";

/** The inputs (I,) of a row of raw values. @param {Program} program @param {Record<string, unknown>} row @returns {Float64Array} */
function inputsOfRow(program, row) {
  const found = [];
  for (const column of program.columns) {
    if (!Object.hasOwn(row, column.column)) throw new Error(`The column ${JSON.stringify(column.column)} is missing.`);
    const inputs = columnInputs(column, readCell(column, row[column.column]));
    if (inputs.some(Number.isNaN)) {
      throw new Error(`Column ${JSON.stringify(column.column)} cannot have the value ${JSON.stringify(row[column.column])}.`);
    }
    found.push(...inputs);
  }
  return Float64Array.from(found);
}

/** The mean of the networks' outputs for a row. @param {Program} program @param {Record<string, unknown>} row */
function outputsOfRow(program, row) {
  const inputs = inputsOfRow(program, row);
  const each = program.members.map((layers) => {
    let values = inputs;
    for (const layer of layers) values = activate(layer.activation, weightedSums(layer, values));
    return values;
  });
  const outputs = each[0].map((_, at) => each.reduce((total, own) => total + own[at], 0) / each.length);
  if (outputs.some(Number.isNaN)) throw new Error("An output is not a number: the values are too large for the model.");
  return outputs;
}

/** @param {Program} program @param {(answer: Answer) => any} answered */
function byTarget(program, answered) {
  if (program.answers.length === 1) return answered(program.answers[0]);
  return Object.fromEntries(program.answers.map((answer) => [answer.target, answered(answer)]));
}

/** What is predicted for a row; an object by target if there are several. @param {Program} program @param {Record<string, unknown>} row */
export function predictRow(program, row) {
  const outputs = outputsOfRow(program, row);
  return byTarget(program, ({ first, last, classes, mean, scale, lowest, highest }) => {
    const own = outputs.subarray(first, last);
    if (classes) return classes[own.length === 1 ? Number(own[0] > 0.5) : argmax(own)];
    const number = own[0] * scale + mean;
    return lowest === null ? number : Math.min(Math.max(number, lowest), highest ?? Infinity);
  });
}

/** A Map from each class to its probability; an object by target if there are several. @param {Program} program @param {Record<string, unknown>} row */
export function probabilitiesOfRow(program, row) {
  const outputs = outputsOfRow(program, row);
  return byTarget(program, ({ first, last, classes, temperature }) => {
    if (!classes) throw new Error("This model predicts numbers, which have no probabilities.");
    const shares = tempered(probabilitiesOf(outputs.slice(first, last)), temperature);
    return new Map(classes.map((label, at) => [label, shares[at]]));
  });
}
