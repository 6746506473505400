/** What can be taken away: the picture as SVG or PNG, the script, the model file, the report. */
import { html } from "../lib.js";
import * as store from "../store.js";
import { Card } from "./parts.js";

const PROPERTIES = ["fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "visibility"];

/** The picture of the network as a text that stands alone. @returns {{ text: string, width: number, height: number } | null} */
export function pictureText() {
  const svg = document.querySelector("svg.net");
  if (!(svg instanceof SVGSVGElement)) return null;
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const own = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(own[i]);
    for (const name of PROPERTIES) {
      const value = style.getPropertyValue(name);
      if (value && value !== "none" && value !== "normal") element.setAttribute(name, value);
    }
    for (const name of ["class", "tabindex", "role", "aria-label", "aria-pressed", "data-place", "data-epoch", "style"]) element.removeAttribute(name);
    if (style.fill === "none") element.setAttribute("fill", "none");
  });
  const back = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  back.setAttribute("width", "100%");
  back.setAttribute("height", "100%");
  back.setAttribute("fill", getComputedStyle(svg).getPropertyValue("--card").trim());
  const canvas = svg.parentElement?.querySelector("canvas");
  if (canvas) {
    const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
    image.setAttribute("href", canvas.toDataURL());
    image.setAttribute("width", String(svg.width.baseVal.value));
    image.setAttribute("height", String(svg.height.baseVal.value));
    copy.prepend(image);
  }
  copy.prepend(back);
  return { text: new XMLSerializer().serializeToString(copy), width: svg.width.baseVal.value, height: svg.height.baseVal.value };
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function saveSvg() {
  const picture = pictureText();
  if (picture) save(new Blob([picture.text], { type: "image/svg+xml" }), "network.svg");
}

function savePng() {
  const picture = pictureText();
  if (!picture) return;
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * picture.width;
    canvas.height = 2 * picture.height;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(blob, "network.png"));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.text)}`;
}

export function PictureTools() {
  return html`<div class="picture-tools"><button type="button" class="link" onClick=${saveSvg}>SVG</button><button type="button" class="link" onClick=${savePng}>PNG</button></div>`;
}

export function TakeView() {
  const known = store.model.value;
  const live = store.live.value;
  if (!known) return null;
  const ended = store.run.value?.state === "ended";
  const link = () => {
    navigator.clipboard?.writeText(location.href.replace(/token=[^&#]*&?/, ""));
    store.notice.value = "The link is copied. It holds the settings; the page that opens it must be started with glassnet watch.";
  };
  const { settings, provenance } = known.document;
  return html`<div class="take-view">
    ${live && html`<${Card} title="Take it away" note=${ended ? "" : "The model can be taken when the training has ended: press finish, or stop."}>
      <ul class="downloads">
        <li><button type="button" disabled=${!ended} onClick=${() => live.download("script")}>Python script</button><span>makes this very model again, to the bit</span></li>
        <li><button type="button" disabled=${!ended} onClick=${() => live.download("model")}>Model file</button><span>for glassnet.load, glassnet predict, …</span></li>
        <li><button type="button" disabled=${!ended} onClick=${() => live.download("report")}>Report</button><span>this page as one file, without a server</span></li>
        <li><button type="button" onClick=${link}>Link</button><span>copies the address with the settings in it</span></li>
      </ul></${Card}>`}
    <${Card} title="Settings" class="long"><dl class="facts">${Object.entries(settings).map(([name, value]) => html`<div><dt>${name.replaceAll("_", " ")}</dt><dd>${said(value)}</dd></div>`)}</dl></${Card}>
    <${Card} title="Where it comes from"><dl class="facts">${Object.entries(provenance).map(([name, value]) => html`<div><dt>${name}</dt><dd>${said(value)}</dd></div>`)}</dl></${Card}>
  </div>`;
}

/** @param {any} value @returns {string} */
function said(value) {
  if (value === null) return "–";
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value === "object") return Object.entries(value).map(([name, own]) => `${name} ${said(own)}`).join(", ");
  return String(value);
}
