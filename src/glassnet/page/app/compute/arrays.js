/**
 * Numbers as they stand in the document: little-endian bytes as base64, and views of them.
 *
 * @typedef {Float32Array | Float64Array} Numbers
 * @typedef {{ dtype: "float32" | "float64", shape: number[], data: string, element?: string }} Packed
 *
 * Where `element` is given, the base64 is the text of the element with this id.
 */

/** @param {string} text @returns {ArrayBuffer} */
export function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

/** The numbers of a packed array, flat. @param {Packed} packed @returns {Numbers} */
export function unpack(packed) {
  const buffer = bytesOf((packed.element ? document.getElementById(packed.element)?.textContent : packed.data) ?? "");
  return packed.dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

/** The rows of a packed array of the shape (N, M). @param {Packed} packed @returns {Numbers[]} */
export function unpackRows(packed) {
  const flat = unpack(packed);
  const [count, width] = packed.shape;
  return Array.from({ length: count }, (_, row) => flat.subarray(row * width, (row + 1) * width));
}

/** @param {ArrayLike<number>} values */
export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** @param {ArrayLike<number>} values */
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** Smallest and largest of the finite numbers. @param {ArrayLike<number>} values @returns {[number, number]} */
export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high && values[i] < Infinity) high = values[i];
  }
  return low <= high ? [low, high] : [0, 1];
}

/**
 * Positions of at most `most` of `count` things: spread over all of them, but with no period, so that rows that take
 * turns are all met.
 * @param {number} count @param {number} most
 */
export function spread(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.floor(((i + ((i * 0.618034) % 1)) * count) / most));
}

/** The largest size of a number. @param {ArrayLike<number>} values */
export function largestSize(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** The positions of the `count` largest of `sizes`, in ascending order. @param {ArrayLike<number>} sizes @param {number} count */
export function largest(sizes, count) {
  const order = Array.from(sizes, (_, i) => i);
  if (order.length <= count) return order;
  order.sort((a, b) => sizes[b] - sizes[a] || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}
