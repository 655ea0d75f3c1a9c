/** How full something is, as one of seven colours: the same on the map, in tables, panels, legends and on the capacity page. */

/** Upper ends of the steps in thousandths; the last step has none. `app/cli/drawing/colours.py` has the same. */
export const AMOUNTS = [100, 250, 400, 550, 700, 850] as const;

/** The class of a value: how many upper ends it has reached. */
export function step(ends: readonly number[], value: number): number {
  let place = 0;
  while (place < ends.length && value >= (ends[place] ?? Infinity)) place += 1;
  return place;
}

/** The step of the palette for thousandths: 1 to 7, and 0 for none. */
export const amountOf = (permille: number | null): number => (permille === null ? 0 : 1 + step(AMOUNTS, permille));
