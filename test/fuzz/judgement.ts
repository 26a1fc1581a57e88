/** What no answer may be, whatever was asked. Pure. */
import type { Documents } from '../support/reference/documents.js';

export interface Answered {
  readonly status: number;
  readonly answered: Headers;
  readonly received: string;
}

/** Words of what stands behind the intake: its files, its stack, PostgreSQL, Node. */
const LEAK =
  /node_modules|\bat (?:async )?[\w.]+ \(|\.[jt]s:\d+|file:\/\/|\/dist\/|\b(?:ECONN|ENOENT|EPIPE)|syntax error at|relation "|violates|duplicate key|\bselect .* from\b|TypeError|undefined is not/i;

/** @param toOperator who is told what is wrong behind the intake */
export function faultsOfAnswer(
  { openapi, faultsOf }: Documents,
  { status, answered, received }: Answered,
  toOperator: boolean,
): string[] {
  const { Problem } = openapi.components.schemas;
  const faults: string[] = [];
  if (status >= 500 && !((status === 503 || status === 504) && (status === 504 || answered.has('retry-after'))))
    faults.push(`answered ${status}`);
  if (status < 400) return faults;
  if (!toOperator && LEAK.test(received)) faults.push(`leaks ${LEAK.exec(received)?.[0]}`);
  // An answer to HEAD has none.
  if (received === '') return faults;
  if (!answered.get('content-type')?.startsWith('application/problem+json'))
    faults.push('refused by what is no problem');
  else if (Problem !== undefined && faultsOf(Problem, JSON.parse(received)) !== '')
    faults.push('refused by an odd problem');
  return faults;
}

/** Of all that came back on a connection. */
export function faultsOfBytes(said: string): string[] {
  const statuses = [...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  return [
    ...statuses.filter((status) => status >= 500 && status !== 503).map((status) => `answered ${status}`),
    ...(LEAK.test(said) ? [`leaks ${LEAK.exec(said)?.[0]}`] : []),
    ...(said !== '' && statuses.length === 0 ? ['answered what is no HTTP'] : []),
  ];
}
