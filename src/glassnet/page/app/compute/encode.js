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
 * @property {any} [fill] what a missing number counts as, or the share of true, as which a missing boolean counts
 * @property {any} [center] of a number
 * @property {any} [mean] of a date
 * @property {any} [scale]
 * @property {boolean} [smooth] whether a number is clipped smoothly to ±3
 * @property {number[]} [edges] of the bins of a number
 * @property {string[]} [yes]
 * @property {string[]} [no]
 * @property {string[]} [levels] the levels of a category
 * @property {boolean} [other]
 * @property {number[]} [sentinels] values that stand for a missing one
 * @property {boolean} [elapsed]
 * @property {string[]} [cycles]
 */

const LIMIT = 1e30; // no encoded value goes beyond it
/** @type {Record<string, number>} seconds */
export const CYCLES = { season: 365.2425 * 86400, weekday: 7 * 86400, hour: 86400 };

/** @param {number} x */
const clip = (x) => Math.min(Math.max(x, -LIMIT), LIMIT);

/** @param {Value | undefined} value */
export const isMissing = (value) => value == null || value === "" || (typeof value === "number" && Number.isNaN(value));

/** @type {Record<string, (encoder: Encoder, value: Value, out: Float64Array, at: number) => void>} */
const WRITE = {
  number(encoder, value, out, at) {
    const x = isMissing(value) ? encoder.fill : Number(value);
    const z = clip((x - encoder.center) / encoder.scale);
    out[at] = encoder.smooth ? z / Math.sqrt(1 + (z / 3) ** 2) : z;
    const edges = encoder.edges ?? [];
    for (let bin = 1; bin < edges.length; bin++) out[at + bin] = Math.min(Math.max((x - edges[bin - 1]) / (edges[bin] - edges[bin - 1]), 0), 1);
  },
  boolean(encoder, value, out, at) {
    const text = String(value).toLowerCase();
    out[at] = isMissing(value) ? encoder.fill : encoder.yes?.includes(text) ? 1 : 0;
  },
  category(encoder, value, out, at) {
    if (isMissing(value)) return;
    const levels = encoder.levels ?? [];
    const place = levels.indexOf(String(value));
    if (place >= 0) out[at + place] = 1;
    else if (encoder.other) out[at + levels.length] = 1;
  },
  datetime(encoder, value, out, at) {
    const missing = isMissing(value);
    const seconds = missing ? encoder.mean : Number(value);
    let place = at;
    if (encoder.elapsed) out[place++] = clip((seconds - encoder.mean) / encoder.scale);
    for (const cycle of encoder.cycles ?? []) {
      const angle = (seconds * 2 * Math.PI) / CYCLES[cycle];
      out[place++] = missing ? 0 : Math.sin(angle);
      out[place++] = missing ? 0 : Math.cos(angle);
    }
  },
};

/** The inputs (I,) of a row. @param {Encoder[]} encoders @param {Row} row @param {boolean} single whether inputs are rounded to float32 */
export function encodeRow(encoders, row, single) {
  const width = encoders.reduce((total, encoder) => total + encoder.input_names.length, 0);
  const inputs = new Float64Array(width);
  let at = 0;
  for (const encoder of encoders) {
    const given = row[encoder.column] ?? null;
    const value = encoder.sentinels?.includes(Number(given)) ? null : given;
    WRITE[encoder.type](encoder, value, inputs, at);
    at += encoder.input_names.length;
    if (encoder.missing_flag) inputs[at - 1] = isMissing(value) ? 1 : 0;
  }
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
