/** What an error says, for a line of the log. Whatever may be thrown, an error or not. */
import { withoutMailAddresses } from './mail-addresses.js';

export const reasonOf = (error: unknown): string =>
  withoutMailAddresses(error instanceof Error ? error.message : String(error));
