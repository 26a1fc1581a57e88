/** Which secrets are looked for, and where besides the database. */
export interface SecretHunt {
  /** They appear in no violation: it says which by their place here, from 1. */
  readonly secrets: readonly [string, ...string[]];
  /** Log files; undefined where none are given. */
  readonly logs: readonly string[] | undefined;
  /** Every key of Redis with what it holds, as text; undefined where no Redis is named. */
  readonly redis: (() => AsyncIterable<{ readonly key: string; readonly text: string }>) | undefined;
}

/** The places, from 1, of the secrets that stand in the text. */
export function secretsIn(text: string, secrets: readonly string[]): number[] {
  return secrets.flatMap((secret, at) => (text.includes(secret) ? [at + 1] : []));
}
