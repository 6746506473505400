/** The libraries as the views use them. */
import { h, render } from "./vendor/preact.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/hooks.js";
import { batch, computed, effect, signal } from "./vendor/signals.js";
import htm from "./vendor/htm.js";
import uPlot from "./vendor/uplot.js";

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = htm.bind(h);

export { batch, computed, effect, render, signal, uPlot, useEffect, useLayoutEffect, useMemo, useRef, useState };
