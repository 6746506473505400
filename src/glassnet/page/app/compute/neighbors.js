/**
 * The rows that are most like a row, by the Euclidean distance of their encoded inputs.
 * @param {Float64Array[]} rows @param {Float64Array} row @param {number} count
 * @returns {{ nearest: { at: number, distance: number }[], typical: number }} typical is the median of all distances
 */
export function nearestRows(rows, row, count) {
  const distances = rows.map((other) => {
    let total = 0;
    for (let i = 0; i < row.length; i++) total += (other[i] - row[i]) ** 2;
    return Math.sqrt(total);
  });
  const order = distances.map((_, at) => at).sort((a, b) => distances[a] - distances[b] || a - b);
  return {
    nearest: order.slice(0, count).map((at) => ({ at, distance: distances[at] })),
    typical: distances.length ? distances[order[Math.floor(order.length / 2)]] : 0,
  };
}
