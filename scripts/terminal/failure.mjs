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

/** What to do about the faults that a file system has. */
const FILE_REMEDIES = /** @type {Readonly<Record<string, string>>} */ ({
  EACCES: 'it belongs to another user: give it to yourself (sudo chown -R "$USER" .local), or run this as that user',
  EPERM: 'it belongs to another user: give it to yourself (sudo chown -R "$USER" .local), or run this as that user',
  ENOSPC: 'the disk is full: make room',
  EROFS: 'the file system is read-only: run this in a folder that can be written',
});

/**
 * The text that is shown for any error.
 * @param {unknown} error
 */
export function describeFailure(error) {
  const failure = error instanceof Failure ? error : fileFailure(error);
  if (!failure) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [failure.message];
  if (failure.why)
    lines.push(
      ...failure.why
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
  if (failure.remedy) lines.push(`  → ${failure.remedy}`);
  return lines.join('\n');
}

/**
 * @param {unknown} error
 * @returns {Failure | undefined}
 */
function fileFailure(error) {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path } = /** @type {NodeJS.ErrnoException} */ (error);
  const remedy = FILE_REMEDIES[code];
  return path && remedy ? new Failure(`Cannot use ${path}`, { why: error.message, remedy }) : undefined;
}
