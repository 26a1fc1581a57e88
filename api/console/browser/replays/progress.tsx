/** How far a replay is: by a bar, and in words. */
import type { Replay } from '../answers.js';
import { figure } from '../words.js';

export function Progress({ replay }: { readonly replay: Replay }) {
  const { status, total, sent, skipped, effectsOff, refused, failed, inFlight, rehearsal } = replay;
  if (status === 'importing') return 'its messages are not all there yet';
  if (status === 'rehearsing') {
    const { to } = replay;
    return rehearsal === null ? `waits for a process of ${to}` : `${figure(rehearsal.total)} rehearsed so far`;
  }
  // It was cancelled before it was known.
  if (total === null) return 'nothing was sent';
  const left: readonly (readonly [number, string])[] = [
    [skipped, 'skipped as handled'],
    [effectsOff, 'left out as effects'],
    [refused, 'refused'],
    [failed, 'became dead letters'],
    [inFlight, 'in the queue or in hand'],
  ];
  return (
    <span>
      <progress
        max={Math.max(total, 1)}
        value={total === 0 ? 1 : sent + skipped + effectsOff + refused}
        aria-label="Messages gone through"
      />{' '}
      {figure(sent)} of {figure(total)} sent
      {left.map(([count, words]) => (count > 0 ? `, ${figure(count)} ${words}` : ''))}
    </span>
  );
}
