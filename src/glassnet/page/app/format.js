/** Numbers and values as text. */

/** A proper minus sign. @param {string} text */
const minus = (text) => text.replaceAll("-", "−");

/**
 * A number with so many significant digits, without an exponent where that can be read.
 * @param {number | null | undefined} value @param {number} [digits]
 */
export function number(value, digits = 4) {
  if (value == null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return minus(value.toExponential(Math.max(digits - 2, 1)));
  if (Number.isInteger(value)) return minus(size < 1e4 ? String(value) : grouped.format(value));
  return minus(String(Number(value.toPrecision(digits))));
}

/** A number with at most so many significant digits and no exponent, for places of few characters. @param {number} value @param {number} digits */
export function brief(value, digits) {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.005) return "≈0";
  return size < 1000 ? number(value, digits) : value > 0 ? ">999" : "<−999";
}

/** A number with a fixed number of decimals. @param {number | null | undefined} value @param {number} [decimals] */
export function fixed(value, decimals = 4) {
  if (value == null || !Number.isFinite(value)) return number(value);
  if (Math.abs(value) >= 1e6) return minus(value.toExponential(3));
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** With its sign, also where it is positive. @param {number} value @param {number} [decimals] */
export const signed = (value, decimals = 4) => (value >= 0 ? `+${fixed(value, decimals)}` : fixed(value, decimals));

/** A small number of any size, such as a gradient. @param {number} value */
export function small(value) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size < 1e-3 || size >= 1e4 ? minus(value.toExponential(2)) : minus(value.toPrecision(4));
}

/** A share; one that is not quite 0 or 1 is not shown as 0 or 100 %. @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.0005) return "<0.1\u00a0%";
  if (share < 1 && share >= 0.9995) return ">99.9\u00a0%";
  return `${(100 * share).toFixed(share === 0 || share === 1 || (share > 0.0995 && share < 0.995) ? 0 : 1)}\u00a0%`;
}

const grouped = new Intl.NumberFormat("en-US"); // once: to make it takes longer than to use it

/** @param {number} count */
export const count = (count) => grouped.format(count);

/** "1 row", "2 rows". @param {number} many @param {string} noun */
export const plural = (many, noun) => `${count(many)} ${noun}${many === 1 ? "" : "s"}`;

/** Seconds since 1970 as a date. @param {number} seconds */
export function date(seconds) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return "–";
  const text = when.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}

/** A value of a column of the table. @param {import("./compute/encode.js").Value | undefined} value @param {string} type */
export function cell(value, type) {
  if (value == null || value === "") return "missing";
  if (type === "datetime" && typeof value === "number") return date(value);
  if (typeof value === "number") return number(value, 6);
  return String(value);
}

/** @param {string} name as settings are called */
export const spaced = (name) => name.replaceAll("_", " ");

/** A long text with its middle left out: names often differ at their ends. @param {string} text @param {number} most */
export const shortened = (text, most = 24) => {
  const kept = Math.floor(most / 3);
  return text.length > most ? `${text.slice(0, most - 1 - kept)}…${text.slice(text.length - kept)}` : text;
};
