/** What an error says, for a line of the log. Whatever may be thrown, an error or not. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
