/** Times, texts and named values for eyes. */

const LONGEST = 60;
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** An ISO 8601 time, to the second. */
export const when = (time: string): string => time.slice(0, 19).replace('T', ' ');

/** On one line, and no longer than a cell of a table should be. */
export const short = (text: string): string =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text).replace(/\s+/g, ' ');

/** In the largest unit of which there is one. */
export function duration(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ['ms', 1];
  return `${Math.floor(ms / size)} ${unit}`;
}

export const ago = (time: string, now: Date): string => duration(Math.max(0, now.getTime() - Date.parse(time)));

/** A name and its value a line; what is null is left out. */
export function namedLines(fields: Readonly<Record<string, unknown>>): string[] {
  const shown = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(
    ([name, value]) => `${name.padEnd(width)}  ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
}
