/** Dead letters and redrive jobs for eyes. */
import type { FiledLetter, LetterGroup, WholeLetter } from '../../shared/postgres/dead-letter-list.js';
import type { RedriveJob } from '../../shared/postgres/redrive-jobs.js';
import { tableLines } from '../table.js';
import type { Json } from './json.js';
import { namedLines, short, when } from './lines.js';

export function letterLines(letters: readonly Json<FiledLetter>[]): string[] {
  const rows = letters.map(({ id, status, actor, type, order, code, attempts, lastAt }) => [
    id,
    status,
    actor,
    type ?? '',
    order ?? '',
    code,
    String(attempts),
    when(lastAt),
  ]);
  return tableLines([['LETTER', 'STATUS', 'ACTOR', 'TYPE', 'ORDER', 'CODE', 'ATTEMPTS', 'LAST'], ...rows]);
}

export function groupLines(groups: readonly Json<LetterGroup>[]): string[] {
  const rows = groups.map(({ fingerprint, actor, type, code, message, count, lastAt }) => [
    fingerprint,
    String(count),
    actor,
    type ?? '',
    code,
    when(lastAt),
    short(message),
  ]);
  return tableLines([['FINGERPRINT', 'OPEN', 'ACTOR', 'TYPE', 'CODE', 'LAST', 'MESSAGE'], ...rows]);
}

export function jobLines(jobs: readonly Json<RedriveJob>[]): string[] {
  const rows = jobs.map(({ id, status, total, done, failed, madeBy, madeAt, reason }) => [
    id,
    status,
    `${done}/${total}`,
    String(failed),
    when(madeAt),
    madeBy,
    short(reason),
  ]);
  return tableLines([['JOB', 'STATUS', 'DONE', 'FAILED', 'MADE', 'BY', 'REASON'], ...rows]);
}

export function wholeLetterLines({ changes, headers, body, stack, message, ...fields }: Json<WholeLetter>): string[] {
  return [
    ...namedLines(fields),
    '',
    message,
    ...(stack === null ? [] : ['', stack]),
    '',
    'headers',
    JSON.stringify(headers, null, 2),
    '',
    'body',
    body,
    ...changes.map(({ change, by, reason, at }) => `\n${change} by ${by}, ${at}: ${reason}`),
  ];
}
