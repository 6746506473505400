/**
 * Initial parameters against others, layer by layer.
 *
 * @typedef {object} LedgerRow
 * @property {number} layer from 1
 * @property {"weights" | "biases"} what
 * @property {number} count
 * @property {number[]} sums initial, now
 * @property {number[]} norms initial, now
 * @property {number} change the largest
 *
 * @param {import("./network.js").LayerParameters[]} initial @param {import("./network.js").LayerParameters[]} now
 * @returns {LedgerRow[]}
 */
export function ledger(initial, now) {
  return initial.flatMap((before, at) =>
    /** @type {const} */ (["weights", "biases"]).map((what) => {
      const [a, b] = [before[what], now[at][what]];
      let change = 0;
      const sums = [0, 0];
      const squares = [0, 0];
      for (let i = 0; i < a.length; i++) {
        sums[0] += a[i];
        sums[1] += b[i];
        squares[0] += a[i] * a[i];
        squares[1] += b[i] * b[i];
        change = Math.max(change, Math.abs(b[i] - a[i]));
      }
      return { layer: at + 1, what, count: a.length, sums, norms: squares.map(Math.sqrt), change };
    }),
  );
}
