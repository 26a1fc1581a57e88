/** Asks an HTTP source for its evidence. */
import { NoEvidence } from '../no-evidence.js';

const ANSWER_WITHIN_MS = 30_000;

/**
 * The body of a 2xx answer.
 * @param remedy what to do where there is none
 * @throws {NoEvidence} naming the place, without credentials
 */
export async function ask(url: URL, remedy: string): Promise<string> {
  const place = `${url.origin}${url.pathname}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const text = await response.text();
    if (response.ok) return text;
    throw new NoEvidence('unreached', `${place} answers ${response.status}: ${remedy}`);
  } catch (error) {
    if (error instanceof NoEvidence) throw error;
    throw new NoEvidence('unreached', `${place} does not answer (${causeOf(error)}): ${remedy}`);
  }
}

/** What is behind fetch's own "fetch failed". */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
