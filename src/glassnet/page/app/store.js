/** The state of the page: one store, which an adapter fills and from which every view draws. */
import { batch, computed, signal } from "./lib.js";
import { backward, forward, layersOf } from "./compute/network.js";
import { typicalRow } from "./compute/model.js";

/**
 * @typedef {import("./compute/model.js").Model} Model
 * @typedef {import("./compute/arrays.js").Numbers} Numbers
 * @typedef {{ layer: number, neuron: number }} Place layer from 1; 0 holds the inputs
 *
 * @typedef {object} Run what is known of a live training
 * @property {string} id
 * @property {"ready" | "playing" | "paused" | "ended" | "failed"} state
 * @property {number} epoch
 * @property {number} epochs
 * @property {string} reason why it ended
 * @property {string} error
 * @property {number} speed epochs per second; 0 for as fast as possible
 * @property {boolean} unlimited whether it plays as fast as it can
 * @property {number} rows
 * @property {number} validation
 * @property {StepFacts | null} step the last step, where training is stepped through
 *
 * @typedef {object} StepFacts one step of the optimizer
 * @property {number} number since training began, from 1
 * @property {number} epoch
 * @property {number} place within the epoch, from 1
 * @property {number} steps of the epoch
 * @property {number} count rows of the batch
 * @property {number[]} rows the numbers of the first of them
 * @property {number} rate
 * @property {number} loss the objective over the batch before the step
 *
 * @typedef {object} StepVectors each (P,)
 * @property {Numbers} before
 * @property {Numbers} gradient
 * @property {Numbers} after
 * @property {{ before: Numbers, after: Numbers }[]} moments
 * @typedef {StepFacts & StepVectors & { run: string }} Step
 *
 * @typedef {object} Live what can be done on a live page
 * @property {(action: string, more?: object) => Promise<void>} control
 * @property {(request: object) => Promise<void>} start a training with other settings or other data
 * @property {(file: File) => Promise<any>} upload
 * @property {(epochs: number[]) => Promise<void>} fetchMoments
 * @property {() => Promise<void>} examine
 * @property {(what: string) => void} download
 */

/** @type {{ value: Model | null }} */
export const model = signal(/** @type {Model | null} */ (null));
export const member = signal(0);
/** The parameters of the running training; null where there is none. @type {{ value: Numbers | null }} */
export const latest = signal(/** @type {Numbers | null} */ (null));
/** The epoch that they are from; -1 within an epoch. */
export const latestEpoch = signal(0);
/** The recorded epoch that is looked at; null for the latest, or the one that was kept. */
export const moment = signal(/** @type {number | null} */ (null));
/** Whether the slider is being moved. */
export const scrubbing = signal(false);
export const rowAt = signal(0);
/** @type {{ value: Place | null }} */
export const selected = signal(/** @type {Place | null} */ (null));
export const view = signal("network");
export const theme = signal(storedTheme());
export const run = signal(/** @type {Run | null} */ (null));
export const live = signal(/** @type {Live | null} */ (null));
/** Server facts a live page needs: settings, data sets, what was uploaded. */
export const workshop = signal(/** @type {any} */ (null));
/** The last step of the optimizer with its numbers, where training is stepped through. */
export const step = signal(/** @type {Step | null} */ (null));
/** The part of the table's rows that predictions are judged on; "" for all. */
export const part = signal("");
export const connected = signal(true);
export const notice = signal("");
/** The row of the form, where it was edited. @type {{ value: import("./compute/encode.js").Row | null }} */
export const edited = signal(/** @type {import("./compute/encode.js").Row | null} */ (null));
/** Parameters that were changed by hand, by their places in the flat vector: what would the network say? @type {{ value: Map<number, number> }} */
export const tried = signal(/** @type {Map<number, number>} */ (new Map()));
/** Increased whenever curves or recorded moments have grown. */
export const grown = signal(0);
/** Rows chosen in the view that judges, to be listed. */
export const chosenRows = signal(/** @type {{ title: string, at: number[] } | null} */ (null));

export const playing = computed(() => run.value?.state === "playing");

/** Whether training plays as fast as it can: then the page leaves the processor to it. */
export const unlimited = computed(() => playing.value && run.value?.unlimited === true);

/** Whether what is drawn changes many times a second. */
export const changing = computed(() => playing.value || scrubbing.value);

export const own = computed(() => model.value?.members[member.value] ?? null);

/** The epochs that can be looked at. */
export const moments = computed(() => {
  grown.value;
  return own.value?.moments.epochs ?? [];
});

/** The parameters at the moment that is looked at, as training left them. */
const trained = computed(() => {
  if (!own.value) return null;
  if (moment.value !== null) {
    const { epochs, vectors } = own.value.moments;
    const at = epochs.indexOf(moment.value);
    if (at >= 0 && vectors[at]) return vectors[at];
  }
  return latest.value ?? own.value.learnt;
});

export const vector = computed(() => {
  if (!trained.value || !tried.value.size) return trained.value;
  const changed = trained.value.slice();
  tried.value.forEach((value, at) => (changed[at] = value));
  return changed;
});

export const layers = computed(() =>
  model.value && vector.value ? layersOf(model.value.network, vector.value) : null,
);

export const initialLayers = computed(() =>
  model.value && own.value ? layersOf(model.value.network, own.value.initial) : null,
);

/**
 * The networks that predict. Of several, all as they were kept; a single one as it was at the moment that is looked at.
 */
export const networks = computed(() => {
  const known = model.value;
  if (!known || !layers.value) return null;
  return known.members.length > 1 ? known.members.map(({ learnt }) => layersOf(known.network, learnt)) : [layers.value];
});

export const initialNetworks = computed(() => {
  const known = model.value;
  return known ? known.members.map(({ initial }) => layersOf(known.network, initial)) : null;
});

/** The row that flows through the network. */
export const row = computed(() => {
  const known = model.value;
  if (!known) return null;
  return known.rows[Math.min(rowAt.value, known.rows.length - 1)] ?? typicalRow(known);
});

export const trace = computed(() =>
  model.value && layers.value && row.value
    ? forward(model.value.network, layers.value, model.value.encode(row.value))
    : null,
);

export const rowTarget = computed(() => (model.value && row.value ? model.value.targetOf(row.value) : null));

export const back = computed(() => {
  const known = model.value;
  if (!known || !layers.value || !trace.value || !rowTarget.value) return null;
  return backward(known.network, layers.value, trace.value, rowTarget.value, known.objective);
});

/** The epoch that the picture shows. */
export const shownEpoch = computed(() => moment.value ?? run.value?.epoch ?? own.value?.curves.best ?? 0);

/** The epoch whose parameters the picture shows: those of a running training arrive after its numbers. */
export const pictureEpoch = computed(() => moment.value ?? (latest.value ? latestEpoch.value : own.value?.curves.best ?? 0));

/** Show another model: everything that belonged to the last one is forgotten. @param {Model} next */
export function show(next) {
  batch(() => {
    model.value = next;
    member.value = 0;
    latest.value = null;
    moment.value = null;
    rowAt.value = 0;
    selected.value = null;
    edited.value = null;
    if (tried.value.size) tried.value = new Map();
    step.value = null;
    part.value = "";
    chosenRows.value = null;
    grown.value++;
  });
}

const REST = 250; // milliseconds after which the slider is at rest
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;

/** Look at a recorded epoch, while the slider is moved. @param {number | null} epoch */
export function scrub(epoch) {
  clearTimeout(resting);
  resting = setTimeout(() => (scrubbing.value = false), REST);
  batch(() => {
    scrubbing.value = true;
    moment.value = epoch;
  });
}

/** Set a parameter by hand; null takes it back. @param {number} at in the flat vector @param {number | null} value */
export function tryValue(at, value) {
  const next = new Map(tried.value);
  if (value === null) next.delete(at);
  else next.set(at, value);
  tried.value = next;
}

/** @param {Place | null} place */
export function select(place) {
  selected.value = place;
}

/** Go to a row's walk through the network. @param {number} at */
export function walkRow(at) {
  batch(() => {
    rowAt.value = at;
    view.value = "walk";
  });
}

function storedTheme() {
  try {
    return globalThis.localStorage?.getItem("glassnet-theme") ?? "auto";
  } catch {
    return "auto";
  }
}

/** @param {string} name */
export function setTheme(name) {
  theme.value = name;
  try {
    localStorage.setItem("glassnet-theme", name);
  } catch {
    // a page without storage forgets the theme when it is closed
  }
}
