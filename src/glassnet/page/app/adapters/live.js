/** The adapter of a live page: server-sent events bring what changed, requests with the token do what is pressed. */
import { batch } from "../lib.js";
import { Model } from "../compute/model.js";
import * as store from "../store.js";
import { beforePictures, forget, hurry, pending, receive, receiveParameters, showSoon, take } from "./updates.js";
import { readHash, writeHash } from "./hash.js";

const token = () => new URLSearchParams(location.search).get("token") ?? "";

/** @param {string} path @param {RequestInit} [options] */
async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "x-token": token() } });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
    throw new Error(said.error);
  }
  return answer;
}

/** @param {string} path @param {object} body */
const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body) });

/** Starts that are asked for one after the other are carried out one after the other. */
let starting = Promise.resolve();
let wanted = ""; // the epoch and step whose parameters were last asked for

/** @param {import("../store.js").Run} run */
const placeOf = (run) => `${run.epoch}:${run.step?.number ?? ""}`;

/** @type {import("../store.js").Live} */
const live = {
  async control(action, more = {}) {
    try {
      await post("/control", { action, ...more });
      hurry();
    } catch (error) {
      store.notice.value = textOf(error);
    }
  },
  start(request) {
    const next = starting.then(async () => {
      store.notice.value = "";
      await post("/start", request);
      await refresh();
      writeHash(store.workshop.value);
    });
    starting = next.catch((error) => {
      store.notice.value = textOf(error);
      store.workshop.value = { ...store.workshop.value }; // controls go back to what is in force
    });
    return "target" in request ? next : starting;
  },
  async upload(file) {
    const answer = await ask(`/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    store.workshop.value = { ...store.workshop.value, uploaded: await answer.json() };
  },
  async fetchMoments() {
    const own = store.own.value;
    const running = store.run.value;
    if (!own || !running) return;
    try {
      const { epochs, vectors } = await vectorsOf(`/moments?run=${running.id}`);
      batch(() => {
        own.moments.epochs.splice(1, Infinity, ...epochs);
        own.moments.vectors.splice(1, Infinity, ...vectors);
        store.grown.value++;
      });
    } catch (error) {
      store.notice.value = textOf(error);
    }
  },
  async examine() {
    try {
      const found = await (await post("/examine", {})).json();
      const known = store.model.value;
      if (!known) return;
      Object.assign(known.document, found);
      store.model.value = Object.assign(Object.create(Object.getPrototypeOf(known)), known);
    } catch (error) {
      store.notice.value = textOf(error);
    }
  },
  download(what) {
    const link = document.createElement("a");
    link.href = `/download/${what}?token=${encodeURIComponent(token())}`;
    link.download = "";
    link.click();
  },
};

/** @param {unknown} error */
const textOf = (error) => (error instanceof Error ? error.message : String(error));

/** Epochs and their parameters, as the server packs them. @param {string} path */
async function vectorsOf(path) {
  const buffer = await (await ask(path)).arrayBuffer();
  const [count] = new Float64Array(buffer, 0, 1);
  const epochs = Array.from(new Float64Array(buffer, 8, count));
  const size = count ? (buffer.byteLength - 8 * (count + 1)) / count : 0;
  const single = store.model.value?.single ?? true;
  const vectors = epochs.map((_, i) => {
    const start = 8 * (count + 1) + i * size;
    return single ? new Float32Array(buffer, start, size / 4) : new Float64Array(buffer, start, size / 8);
  });
  return { epochs, vectors };
}

/** Load the whole state again. */
async function refresh() {
  const { document, run, workshop } = await (await ask("/state")).json();
  batch(() => {
    const same = store.run.value?.id === run.id;
    const place = store.selected.value;
    const at = store.rowAt.value;
    store.show(new Model(document));
    if (same) {
      store.selected.value = place;
      store.rowAt.value = at;
    }
    store.run.value = null;
    store.workshop.value = workshop;
    forget();
    take({ ...run, from: 0 });
  });
  wanted = "";
  hurry();
  showSoon();
  if (run.recorded) live.fetchMoments([]);
}

/** The training as the server told it last. @returns {import("../store.js").Run | null} */
const toldLast = () => pending.at(-1) ?? store.run.value;

/** Whether there are newer parameters than those that were fetched, and somebody looks. */
function isBehind() {
  const running = toldLast();
  return running !== null && store.own.value !== null && !document.hidden && placeOf(running) !== wanted;
}

/** The newest parameters, if they are newer. */
async function fetchLatest() {
  const running = toldLast();
  if (!running || !isBehind()) return;
  const place = placeOf(running);
  try {
    const { epochs, vectors } = await vectorsOf(`/parameters?run=${running.id}`);
    if (store.run.value?.id === running.id) {
      wanted = place;
      receiveParameters(epochs[0], vectors[0]);
    }
  } catch {
    // the next event asks again
  }
}

/** Whether the last step is another one than the page has. */
function stepIsBehind() {
  const running = toldLast();
  const known = store.step.value;
  return running?.step?.number !== known?.number || (known !== null && known.run !== running?.id);
}

/** The numbers of the last step, where training is stepped through. */
async function fetchStep() {
  if (!stepIsBehind()) return;
  const running = toldLast();
  const facts = running?.step;
  if (!running || !facts) {
    store.step.value = null;
    return;
  }
  const { epochs, vectors } = await vectorsOf(`/step?run=${running.id}`).catch(() => ({ epochs: [], vectors: [] }));
  if (epochs[0] !== facts.number || toldLast()?.step?.number !== facts.number) return; // a later event asks again
  const [before, gradient, after, ...rest] = vectors;
  const moments = [];
  for (let i = 0; i < rest.length; i += 2) moments.push({ before: rest[i], after: rest[i + 1] });
  store.step.value = { ...facts, run: running.id, before, gradient, after, moments };
}

/** @type {EventSource | null} */
let stream = null;

function listen() {
  stream?.close();
  const run = store.run.value;
  const from = store.own.value?.curves.loss.length ?? 0;
  stream = new EventSource(`/events?token=${encodeURIComponent(token())}&run=${run?.id ?? ""}&from=${from}`);
  stream.onmessage = async (message) => {
    store.connected.value = true;
    const told = JSON.parse(message.data);
    const waiting = pending.at(-1);
    const before = waiting ?? store.run.value;
    const length = waiting?.epoch ?? store.own.value?.curves.loss.length ?? 0;
    const ended = told.state === "ended" && before?.state !== "ended";
    // another training, an end with its final document, or a gap in the increments: load everything
    if (told.id !== before?.id || ended || told.from > length) {
      await refresh().catch(() => {});
      return;
    }
    receive(told);
  };
  stream.onerror = () => {
    store.connected.value = false;
    stream?.close();
    setTimeout(reconnect, 1000);
  };
}

async function reconnect() {
  try {
    await refresh();
    store.connected.value = true;
    listen();
  } catch {
    setTimeout(reconnect, 1000);
  }
}

export async function connect() {
  store.live.value = live;
  beforePictures(() => (isBehind() || stepIsBehind() ? Promise.all([fetchLatest(), fetchStep()]).then(() => {}) : null));
  try {
    await refresh();
  } catch (error) {
    store.notice.value = textOf(error);
    store.connected.value = false;
    setTimeout(reconnect, 1000);
    return;
  }
  const asked = readHash();
  if (asked && store.run.value?.epoch === 0) await live.start(asked);
  listen();
  document.addEventListener("visibilitychange", showSoon);
}
