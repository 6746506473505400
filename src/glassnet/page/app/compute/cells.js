/** Raw values as numbers and texts: `glassnet.ship.export.runtime.cells` in JavaScript. */

const TRUE = ["true", "yes", "y", "t", "on", "1"];
const FALSE = ["false", "no", "n", "f", "off", "0"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const HALF_AND_ZONE = "(?:[.,]\\d+)?\\s*([AaPp]\\.?[Mm]\\.?)?\\s*(Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)?";
const DATE_AND_TIME = new RegExp(
  "^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\\s+)?(.*?\\d.*?)" +
    `(?:(?:[T ]|,\\s*)\\s*(\\d{1,2}:\\d{2}(?::\\d{2})?|\\d{6})${HALF_AND_ZONE})?$`,
  "s",
);
const TIME_OF_DAY = new RegExp(`^(\\d{1,2}:\\d{2}(?::\\d{2})?)${HALF_AND_ZONE}$`);
/** @type {Record<string, string>} what each mark of a format stands for */
const MARKS = { Y: "(\\d{4})", y: "(\\d{2})", m: "(\\d{1,2})", d: "(\\d{1,2})", b: "([A-Za-z]{3})" };

/** 1 for true, 0 for false, NaN for neither. @param {unknown} value */
export function asTruth(value) {
  const text = String(value).trim().toLowerCase();
  return TRUE.includes(text) ? 1 : FALSE.includes(text) ? 0 : NaN;
}

/**
 * A raw value as the expressions of its column take it; null if it is missing, NaN if the column cannot have it.
 * @param {import("./program.js").ColumnProgram} column @param {unknown} given
 * @returns {import("./program.js").Value}
 */
export function readCell(column, given) {
  const text = typeof given === "string" ? given.trim() : null;
  if (given == null || Number.isNaN(given) || (text !== null && column.words.includes(text))) return null;
  if (column.type === "text" && column.format === null) {
    const own = text ?? String(given);
    return column.folded ? own.toLowerCase() : own;
  }
  if (column.type === "boolean") return asTruth(given);
  const number = column.type === "number" ? asNumber(given) : asSeconds(column, given);
  return column.sentinels.includes(number) ? null : Number.isFinite(number) ? number : NaN;
}

/** @param {unknown} given */
const asNumber = (given) => (given === "" ? NaN : Number(given));

/** Seconds since 1970 (UTC). @param {import("./program.js").ColumnProgram} column @param {unknown} given */
function asSeconds(column, given) {
  if (given instanceof Date) return given.getTime() / 1000;
  if (typeof given === "number" && column.type === "time") return given;
  return dateInText(String(given).trim(), column.format ?? "%Y-%m-%d");
}

/** NaN if `text` is not written as `format` says. @param {string} text @param {string} format */
export function dateInText(text, format) {
  if (format === "%H:%M:%S") {
    const clock = TIME_OF_DAY.exec(text);
    return clock ? secondsOf(clock[1], clock[2], undefined) : NaN;
  }
  const found = DATE_AND_TIME.exec(text);
  return found ? midnight(found[1], format) + secondsOf(found[2], found[3], found[4]) : NaN;
}

/** The seconds at which a day begins. @param {string} text @param {string} whole */
function midnight(text, whole) {
  const [format, first] = whole.split(" from ");
  const marks = Array.from(format.matchAll(/%(\w)/g), (match) => match[1]);
  const pattern = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+").replace(/%(\w)/g, (_, mark) => MARKS[mark]);
  const found = new RegExp(`^${pattern}$`).exec(text);
  if (!found) return NaN;
  const parts = { Y: 0, m: 1, d: 1 };
  marks.forEach((mark, at) => {
    const own = found[at + 1];
    if (mark === "b") parts.m = MONTHS.indexOf(own.toLowerCase()) + 1;
    else if (mark === "y") parts.Y = Number(first) + ((((Number(own) - Number(first)) % 100) + 100) % 100);
    else parts[/** @type {"Y" | "m" | "d"} */ (mark)] = Number(own);
  });
  const date = new Date(0);
  date.setUTCFullYear(parts.Y, parts.m - 1, parts.d);
  const same = date.getUTCMonth() === parts.m - 1 && date.getUTCDate() === parts.d;
  return same && parts.Y >= 1000 ? date.getTime() / 1000 : NaN;
}

/** Seconds since midnight (UTC) of a time of day; 0 without one. @param {string | undefined} clock @param {string | undefined} half @param {string | undefined} zone */
function secondsOf(clock, half, zone) {
  if (!clock) return 0;
  const parts = clock.includes(":") ? clock.split(":") : [clock.slice(0, 2), clock.slice(2, 4), clock.slice(4)];
  const [, minutes, seconds = 0] = parts.map(Number);
  let hours = Number(parts[0]);
  if (half && hours <= 12) hours = (hours % 12) + (/p/i.test(half) ? 12 : 0);
  let east = 0;
  if (zone && /[+-]/.test(zone)) {
    const digits = `${zone.slice(1).replace(":", "")}00`;
    east = (Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60) * (zone.startsWith("-") ? -1 : 1);
  }
  return hours * 3600 + minutes * 60 + seconds - east;
}
