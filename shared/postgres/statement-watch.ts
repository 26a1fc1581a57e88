/** Whoever wants to know of the statements of a transaction: told when one begins, and then what came of it. */
export type StatementWatch = (name: string) => (outcome: StatementOutcome) => void;

export interface StatementOutcome {
  /** Returned, or changed. */
  readonly rows?: number;
  readonly error?: unknown;
}

/** Runs a statement; without a watch there is nothing else to it. */
export function told<R extends { readonly rowCount: number | null }>(
  watch: StatementWatch | undefined,
  name: string,
  run: () => Promise<R>,
): Promise<R> {
  return watch === undefined ? run() : runTold(watch(name), run);
}

async function runTold<R extends { readonly rowCount: number | null }>(
  tell: (outcome: StatementOutcome) => void,
  run: () => Promise<R>,
): Promise<R> {
  try {
    const result = await run();
    tell(result.rowCount === null ? {} : { rows: result.rowCount });
    return result;
  } catch (error) {
    tell({ error });
    throw error;
  }
}
