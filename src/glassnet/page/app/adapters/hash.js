/** The page's settings in the part of the address after #, so that a link makes the same page. */

const NUMBERS = ["learning_rate", "batch_size", "l1", "l2", "dropout", "epochs", "validation", "seed"];
const NONE = "none"; // all rows as one batch, or the loss that fits the task
const NAMES = ["activation", "optimizer", "loss", "scaling"];

/** @param {any} workshop */
export function writeHash(workshop) {
  const { settings, source } = workshop;
  const parts = new URLSearchParams();
  parts.set("data", source.kind === "toy" ? `toy:${source.name}` : source.kind);
  if (source.kind === "toy") {
    parts.set("rows", source.rows);
    parts.set("noise", source.noise);
    if (source.seed) parts.set("rows_seed", source.seed);
    if (source.features.length) parts.set("features", source.features.join(","));
  }
  parts.set("hidden", settings.hidden.join(","));
  for (const name of [...NUMBERS, ...NAMES]) parts.set(name, settings[name] ?? NONE);
  history.replaceState(null, "", `#${parts}`);
}

/** The request that the address asks for; null if it asks for none. @returns {object | null} */
export function readHash(hash = location.hash) {
  const parts = new URLSearchParams(hash.slice(1));
  const data = parts.get("data");
  if (!data || data === "table") return null;
  const [kind, name] = data.split(":");
  /** @type {Record<string, any>} */
  const source = { kind };
  if (kind === "toy") {
    Object.assign(source, { name, rows: Number(parts.get("rows") ?? 200), noise: Number(parts.get("noise") ?? 0.1), seed: Number(parts.get("rows_seed") ?? 0) });
    source.features = parts.get("features")?.split(",") ?? [];
  }
  /** @type {Record<string, any>} */
  const settings = {};
  const hidden = parts.get("hidden");
  if (hidden !== null) settings.hidden = hidden.split(",").filter(Boolean).map(Number);
  for (const own of [...NUMBERS, ...NAMES]) {
    const text = parts.get(own);
    if (text !== null) settings[own] = text === NONE ? null : NUMBERS.includes(own) ? Number(text) : text;
  }
  return { source, settings };
}
