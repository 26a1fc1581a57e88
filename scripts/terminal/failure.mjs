/** A failure that its reader can act on: what failed, why, and what to do about it. */
export class Failure extends Error {
  /**
   * @param {string} what one line
   * @param {{ why?: string, remedy?: string, cause?: unknown }} [details] `why` may have several lines, as the end of a log
   */
  constructor(what, { why = '', remedy = '', cause } = {}) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.why = why;
    this.remedy = remedy;
  }
}

/**
 * The text that is shown for any error.
 * @param {unknown} error
 */
export function describeFailure(error) {
  if (!(error instanceof Failure)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [error.message];
  if (error.why)
    lines.push(
      ...error.why
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
  if (error.remedy) lines.push(`  → ${error.remedy}`);
  return lines.join('\n');
}
