/**
 * From a row of the table to the network's inputs: the column encoders of `glassnet.tables.encode` in JavaScript.
 *
 * A value is a number, a text, a boolean or null (missing); a date is a number of seconds since 1970 (UTC).
 *
 * @typedef {number | string | boolean | null} Value
 * @typedef {Record<string, Value>} Row
 *
 * @typedef {object} Encoder what a column encoder says of itself; each type has fields of its own
 * @property {"number" | "boolean" | "category" | "datetime"} type
 * @property {string} column
 * @property {boolean} missing_flag
 * @property {string[]} input_names
 * @property {import("./program.js").ColumnProgram} program
 * @property {any} [fill] what a missing number counts as, or the share of true, as which a missing boolean counts
 * @property {any} [center] of a number
 * @property {any} [mean] of a date
 * @property {any} [scale]
 * @property {boolean} [smooth] whether a number is clipped smoothly to ±3
 * @property {number[]} [edges] of the bins of a number
 * @property {string[]} [levels] the levels of a category
 * @property {boolean} [elapsed]
 * @property {string[]} [cycles]
 */
import { asTruth } from "./cells.js";
import { columnInputs } from "./program.js";

/** @type {Record<string, number>} seconds */
export const CYCLES = { season: 365.2425 * 86400, weekday: 7 * 86400, hour: 86400 };

/** @param {Value | undefined} value */
export const isMissing = (value) => value == null || value === "" || (typeof value === "number" && Number.isNaN(value));

/** A value as the expressions of its column take it. @param {Encoder} encoder @param {Value | undefined} given */
function valueOf(encoder, given) {
  const { type, sentinels, format, folded } = encoder.program;
  if (given === undefined || given === null || isMissing(given)) return null;
  if (type === "text" && format === null) return folded ? String(given).toLowerCase() : String(given);
  if (type === "boolean") return asTruth(given);
  return sentinels.includes(Number(given)) ? null : Number(given);
}

/** The inputs (I,) of a row. @param {Encoder[]} encoders @param {Row} row @param {boolean} single whether inputs are rounded to float32 */
export function encodeRow(encoders, row, single) {
  const inputs = Float64Array.from(encoders.flatMap((own) => columnInputs(own.program, valueOf(own, row[own.column]))));
  return single ? inputs.map(Math.fround) : inputs;
}

/** How each input of a column is computed, as text. @param {Encoder} encoder @param {number} place of the input within the column */
export function formulaOf(encoder, place) {
  const name = encoder.column;
  const missing = encoder.missing_flag && place === encoder.input_names.length - 1;
  if (missing) return `1 if ${name} is missing, else 0`;
  if (encoder.type === "number") {
    const edges = encoder.edges ?? [];
    if (place) return `(${name} − ${short(edges[place - 1])}) / ${short(edges[place] - edges[place - 1])}, kept from 0 to 1`;
    const scaled = `(${name} − ${short(encoder.center)}) / ${short(encoder.scale)}`;
    return encoder.smooth ? `z / √(1 + (z / 3)²), z = ${scaled}` : scaled;
  }
  if (encoder.type === "boolean") return `1 if ${name} is true, else 0`;
  if (encoder.type === "category") {
    const level = encoder.levels?.[place];
    return level === undefined ? `1 if ${name} is any other value, else 0` : `1 if ${name} is ${level}, else 0`;
  }
  if (encoder.elapsed && place === 0) return `(seconds since 1970 − ${short(encoder.mean)}) / ${short(encoder.scale)}`;
  const wave = place - (encoder.elapsed ? 1 : 0);
  const cycle = encoder.cycles?.[Math.floor(wave / 2)] ?? "";
  return `${wave % 2 ? "cos" : "sin"}(2π × seconds since 1970 / ${CYCLES[cycle]})`;
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(6)));
