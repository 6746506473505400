/**
 * The expressions that inputs are computed by: those of `glassnet.tables.encode.program` in JavaScript.
 *
 * An expression is a list of its name and its fields, such as `["divide", ["subtract", ["value"], 40], 12]`.
 *
 * @typedef {any[]} Expression
 * @typedef {number | string | null} Value of a column: a number, seconds since 1970, or a text; null if it is missing
 *
 * @typedef {object} ColumnProgram
 * @property {string} column
 * @property {"number" | "boolean" | "text" | "time"} type
 * @property {string[]} words texts that stand for a missing value
 * @property {number[]} sentinels
 * @property {string | null} format of dates in text
 * @property {boolean} folded
 * @property {Expression[]} parts that others refer to
 * @property {Expression[]} inputs
 */

/** @type {Record<string, (of: number, a: number, b: number) => number>} */
const OPERATIONS = {
  subtract: (of, number) => of - number,
  multiply: (of, number) => of * number,
  divide: (of, number) => of / number,
  clip: (of, low, high) => Math.min(Math.max(of, low), high),
  softclip: (of, limit) => of / Math.sqrt(1 + (of / limit) * (of / limit)),
  sine: (of) => Math.sin(of),
  cosine: (of) => Math.cos(of),
  equals: (of, number) => (of === number ? 1 : 0),
};

/** The number of an expression. @param {Expression} expression @param {Value} value @param {number[]} parts @returns {number} */
export function evaluate(expression, value, parts) {
  const [name, of, a, b, c] = expression;
  if (name === "value") return Number(value);
  if (name === "missing") return value === null ? 1 : 0;
  if (name === "part") return parts[of];
  if (name === "lookup") {
    if (value === null) return b;
    const place = of.indexOf(value);
    return place < 0 ? (c ?? NaN) : a[place];
  }
  if (name === "filled" && value === null) return a;
  const inner = evaluate(of, value, parts);
  return name === "filled" ? inner : OPERATIONS[name](inner, a, b);
}

/** The inputs of a column; NaN for a value that it cannot have. @param {ColumnProgram} program @param {Value} value @returns {number[]} */
export function columnInputs(program, value) {
  /** @type {number[]} */
  const parts = [];
  for (const part of program.parts) parts.push(evaluate(part, value, parts));
  return program.inputs.map((expression) => evaluate(expression, value, parts));
}
