/** The codes of six colours that are readable on light and dark ground, and of what else we use. */
const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, bold: 1, faint: 2 };

const ESCAPE = '\u001b';

/** @typedef {keyof typeof CODES} Colour */

/** Colours for line prefixes, in the order they are dealt out; red is kept for faults. */
export const PREFIX_COLOURS = /** @type {const} */ (['cyan', 'green', 'magenta', 'yellow', 'blue']);

/**
 * A function that colours text, or leaves it as it is where nobody would see colours (https://no-color.org).
 * @param {{ isTTY?: boolean }} stream
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {(colour: Colour, text: string) => string}
 */
export function colouring(stream, environment = process.env) {
  const forced = environment.FORCE_COLOR !== undefined && !['', '0', 'false'].includes(environment.FORCE_COLOR);
  if (environment.NO_COLOR || !(stream.isTTY || forced)) return (_colour, text) => text;
  return (colour, text) => `${ESCAPE}[${CODES[colour]}m${text}${ESCAPE}[0m`;
}

/**
 * @param {string} text
 */
export function withoutColour(text) {
  return text.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '');
}
