/** How busy one process is by how many orders a second it has part in, between what was measured. Pure. */

export interface LoadPoint {
  readonly ordersPerSecond: number;
  /** CPU seconds a second. */
  readonly cores: number;
}

/** Cores busy at a rate of orders. Rises with it. */
export type LoadCurve = (ordersPerSecond: number) => number;

/**
 * Batches grow with the load, so an order is dearer while there are few. Between the points, of which one is at rest, the curve is
 * straight; beyond the fastest it goes on at that one's cost of an order, and not at the smaller cost of one order more: a process
 * that has more to do than was measured is not trusted to get cheaper still.
 * Points that would bend it upwards are noise and are left out.
 * @param points at least one that is not at rest
 */
export function loadCurve(points: readonly LoadPoint[]): LoadCurve {
  const corners = upperHull(points);
  const [rest] = corners;
  const last = corners.at(-1);
  if (rest === undefined || last === undefined || rest.ordersPerSecond !== 0 || last === rest)
    throw new RangeError('a load curve needs a point at rest and one that is not');
  const slopeBeyond = (last.cores - rest.cores) / last.ordersPerSecond;
  return (ordersPerSecond) => {
    const after = corners.findIndex((corner) => corner.ordersPerSecond > ordersPerSecond);
    const [from, to] = [corners[after - 1], corners[after]];
    if (from === undefined || to === undefined)
      return last.cores + (ordersPerSecond - last.ordersPerSecond) * slopeBeyond;
    return from.cores + (ordersPerSecond - from.ordersPerSecond) * slope(from, to);
  };
}

/** The corners of the lowest curve that bends downwards only and has no point above it; it never falls. */
function upperHull(points: readonly LoadPoint[]): LoadPoint[] {
  const rising: LoadPoint[] = [];
  for (const point of [...points].sort((a, b) => a.ordersPerSecond - b.ordersPerSecond)) {
    const atLeast = { ...point, cores: Math.max(point.cores, rising.at(-1)?.cores ?? 0) };
    for (;;) {
      const [before, corner] = rising.slice(-2);
      if (before === undefined || corner === undefined || slope(before, corner) > slope(corner, atLeast)) break;
      rising.pop();
    }
    rising.push(atLeast);
  }
  return rising;
}

const slope = (from: LoadPoint, to: LoadPoint): number =>
  (to.cores - from.cores) / (to.ordersPerSecond - from.ordersPerSecond);
