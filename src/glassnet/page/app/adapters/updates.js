/**
 * When what has arrived from a live page's server is shown: so often that showing it takes a small share of the time, on
 * slow and busy computers less often. The numbers above the views are shown more often than the pictures.
 */
import { batch } from "../lib.js";
import { unpack } from "../compute/arrays.js";
import * as store from "../store.js";

const PAUSE = 50; // milliseconds between updates at least
const LONGEST = 5000; // and at most
const PICTURES_LATER = 150; // milliseconds until the pictures, from which on the numbers are shown before
const SHARE = 0.2; // of the time that updates may take, so that the page stays fluent
// the same while training plays as fast as it can; the browser's other processes need as much again for each update
const UNLIMITED_SHARES = { numbers: 0.003, pictures: 0.006 };

/** Something that is shown again and again. */
class Paced {
  /** @param {number} unlimitedShare @param {() => void} work @param {() => Promise<void> | null} prepare what is to be waited for before */
  constructor(unlimitedShare, work, prepare = () => null) {
    this.unlimitedShare = unlimitedShare;
    this.work = work;
    this.prepare = prepare;
    this.next = 0; // when it may be shown again
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    this.preparing = false;
    this.again = false; // whether there is more since preparing began
  }

  /** Show it as soon as that is due. */
  soon() {
    if (this.preparing) this.again = true;
    else this.timer ??= setTimeout(() => this.show(), Math.max(this.next - performance.now(), 0));
  }

  /** Let it be due at once. */
  hurry() {
    this.next = 0;
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.soon();
  }

  async show() {
    this.timer = null;
    this.again = false;
    const waiting = this.prepare();
    if (waiting) {
      this.preparing = true;
      await waiting;
      this.preparing = false;
    }
    const before = performance.now();
    this.next = before + PAUSE;
    if (this.again) this.soon();
    batch(this.work);
    await null;
    await null; // the views have been rendered
    const rendered = performance.now() - before;
    requestAnimationFrame(() => {
      const start = performance.now();
      setTimeout(() => {
        const cost = rendered + performance.now() - start;
        const share = store.unlimited.value ? this.unlimitedShare : SHARE;
        this.next = Math.max(this.next, before + Math.min(cost / share, LONGEST));
      });
    });
  }
}

/** @type {any[]} events that are not shown yet */
export const pending = [];
/** @type {{ epoch: number, vector: import("../compute/arrays.js").Numbers } | null} parameters that are not shown yet */
let newest = null;
/** @type {() => Promise<void> | null} */
let fetchNewest = () => null;

function showNumbers() {
  for (const told of pending) if (told.id === store.run.value?.id) take(told, false);
  pending.length = 0;
}

function showPictures() {
  showNumbers();
  store.grown.value++;
  const own = store.own.value;
  if (newest && own) {
    store.latest.value = newest.vector;
    store.latestEpoch.value = newest.epoch;
    if (store.tried.value.size) store.tried.value = new Map(); // training goes on with its own
    const at = own.moments.epochs.indexOf(newest.epoch);
    if (at > 0) own.moments.vectors[at] ??= newest.vector;
  }
  newest = null;
}

const numbers = new Paced(UNLIMITED_SHARES.numbers, showNumbers);
const pictures = new Paced(UNLIMITED_SHARES.pictures, showPictures, () => fetchNewest());

/** How to fetch what the next pictures are of. @param {() => Promise<void> | null} fetch */
export function beforePictures(fetch) {
  fetchNewest = fetch;
}

/** @param {any} told by an event */
export function receive(told) {
  pending.push(told);
  pictures.soon();
  if (pictures.next - performance.now() > PICTURES_LATER) numbers.soon(); // else they are shown with the pictures
}

/** @param {number} epoch @param {import("../compute/arrays.js").Numbers} vector */
export function receiveParameters(epoch, vector) {
  newest = { epoch, vector };
}

/** Show the pictures as soon as that is due. */
export function showSoon() {
  pictures.soon();
}

/** Forget what is not shown yet: another training has begun. */
export function forget() {
  pending.length = 0;
  newest = null;
}

/** Show what arrives next without delay: somebody has pressed a button. */
export function hurry() {
  pictures.hurry();
  numbers.hurry();
}

/** Put what an event tells into the store. @param {any} told @param {boolean} [pictures] whether the curves are drawn, too */
export function take(told, pictures = true) {
  const own = store.own.value;
  if (!own) return;
  batch(() => {
    if (told.curves) {
      const { curves } = own;
      const names = /** @type {const} */ ([["loss", "loss"], ["validation", "validation_loss"], ["score", "validation_score"], ["rate", "rate"]]);
      for (const [name, packed] of names) curves[name].splice(told.from, Infinity, ...unpack(told.curves[packed]));
      curves.metric = told.curves.metric;
      curves.best = told.curves.best_epoch;
      curves.reason = told.reason;
    }
    grow(own.moments, told);
    store.run.value = { ...told, curves: undefined };
    if (pictures) store.grown.value++;
  });
}

/** The recorded epochs are multiples of a stride; their parameters are fetched when they are looked at. @param {import("../compute/model.js").Moments} moments @param {any} told */
function grow(moments, told) {
  if (told.recorded + 1 === moments.epochs.length && moments.epochs[1] === told.stride) return;
  const known = new Map(moments.epochs.map((epoch, i) => [epoch, moments.vectors[i]]));
  const epochs = [0];
  for (let i = 1; i <= told.recorded; i++) epochs.push(i * told.stride);
  moments.epochs.splice(0, Infinity, ...epochs);
  moments.vectors.splice(0, Infinity, .../** @type {any[]} */ (epochs.map((epoch) => known.get(epoch))));
}
