/** Replays for eyes: what the rehearsal has found, what single decisions would come to, and how far a replay is. */
import type { ReplayView } from '../../api/operators/replays/replay-view.js';
import type { Counts, Rehearsal, RehearsedDecision } from '../../shared/postgres/replay-rehearsal.js';
import { tableLines } from '../table.js';
import type { Json } from './json.js';
import { namedLines, short, when } from './lines.js';

export type Replay = Json<ReplayView>;

export function replayLines(replays: readonly Replay[]): string[] {
  const rows = replays.map((replay) => [
    replay.id,
    replay.status,
    replay.to,
    `${replay.sent + replay.skipped + replay.effectsOff + replay.refused}/${replay.total ?? '?'}`,
    String(replay.sent),
    String(replay.skipped + replay.effectsOff),
    String(replay.refused + replay.failed),
    when(replay.madeAt),
    replay.madeBy,
    short(replay.trouble ?? replay.reason),
  ]);
  const head = ['REPLAY', 'STATUS', 'TO', 'DONE', 'SENT', 'SKIPPED', 'REFUSED', 'MADE', 'BY', 'REASON, OR TROUBLE'];
  return tableLines([head, ...rows]);
}

export function wholeReplayLines({ rehearsal, ...replay }: Replay): string[] {
  return [...namedLines(replay), '', ...rehearsalLines(replay.to, rehearsal), ...shownLines(rehearsal)];
}

/** Where it stands, in a line. */
export function progressLine(replay: Replay): string {
  const { status, to, total, sent, skipped, effectsOff, refused, failed, inFlight, rehearsal, trouble } = replay;
  const why = trouble === null ? '' : `; ${trouble}`;
  if (status === 'rehearsing')
    return rehearsal === null
      ? `waits for a process of ${to} to rehearse it${why}`
      : `${rehearsal.total} messages rehearsed${why}`;
  const left = [
    ...(skipped > 0 ? [`${skipped} skipped as handled`] : []),
    ...(effectsOff > 0 ? [`${effectsOff} left out as effects`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} became dead letters`] : []),
    ...(inFlight > 0 ? [`${inFlight} in the queue or in hand`] : []),
  ];
  return [`${status}: ${sent} of ${total ?? '?'} sent`, ...left].join(', ') + why;
}

export function rehearsalLines(to: string, rehearsal: Rehearsal | null): string[] {
  if (rehearsal === null) return [`not rehearsed yet: that needs a process of ${to}`];
  const { total, toSend, handled, deadLetters, invalid, effectsOff, effects, forgotten } = rehearsal;
  const { decisions, changing, stateChanges, publishes, fails, types } = rehearsal;
  const lines: readonly (readonly [number, string])[] = [
    [total, `messages that ${to} takes: ${listed(types)}`],
    [toSend, 'would be sent'],
    [handled, `are handled by ${to} already and would be skipped`],
    [effectsOff, 'are effects and would be left out; --effects sends them too'],
    [effects, 'of those sent are effects; what they do outside is not rehearsed'],
    [deadLetters, 'have a dead letter: redrive or discard that'],
    [invalid, 'do not fit their contract any more and would be left out'],
    [forgotten, 'of those sent are older than the inbox: if they were handled, they would be handled again'],
    [decisions, 'decisions were rehearsed'],
    [changing, `of them would change a state, ${stateChanges} changes in all`],
    [sum(publishes), `messages would be published: ${listed(publishes)}`],
    [sum(fails), `decisions would fail: ${listed(fails)}`],
  ];
  const width = String(total).length;
  return [
    ...(rehearsal.done ? [] : ['the rehearsal goes on; so far']),
    ...lines.flatMap(([count, says], index) =>
      count > 0 || index < 2 ? [`${String(count).padStart(width)} ${says}`] : [],
    ),
    ...(rehearsal.approximate
      ? ['too many states to keep in mind: the last decisions may come to something else']
      : []),
  ];
}

/** What each of the first decisions would come to. */
export function shownLines(rehearsal: Rehearsal | null): string[] {
  if (rehearsal === null || rehearsal.shown.length === 0) return [];
  const { shown, decisions } = rehearsal;
  return [
    '',
    ...shown.flatMap(decisionLines),
    ...(decisions > shown.length ? [`… and ${decisions - shown.length} decisions more`] : []),
  ];
}

function decisionLines({ id, type, order, fails, changes, publishes }: RehearsedDecision): string[] {
  return [
    `${type} ${id} of order ${order}`,
    ...(fails === null ? [] : [`  ✗ ${fails.code}: ${fails.message}`]),
    ...changes.map(({ table, key, made, fields }) => {
      const each = Object.entries(fields).map(([name, { from, to }]) =>
        made ? `${name} ${text(to)}` : `${name} ${text(from)} → ${text(to)}`,
      );
      return `  ${made ? 'new ' : ''}${table} ${key}: ${each.join(', ')}`;
    }),
    ...publishes.map((one) => `  publishes ${one.type} ${text(one.payload)}`),
    ...(fails === null && changes.length === 0 && publishes.length === 0 ? ['  changes nothing'] : []),
  ];
}

const text = (value: unknown): string => short(JSON.stringify(value));
const sum = (counts: Counts): number => Object.values(counts).reduce((all, one) => all + one, 0);
const listed = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
