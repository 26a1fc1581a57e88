/** What can be done about all open letters that fit, with what it means said first. */
import type { Group, Job } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { plural } from '../words.js';

interface Props {
  readonly filter: Readonly<Record<string, string>>;
  /** Of the letters that fit. */
  readonly groups: readonly Group[];
  /** Says what came of it. */
  readonly onDone: (words: string) => void;
}

export function ChangeAll({ filter, groups, onDone }: Props) {
  const count = groups.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return null;
  const letters = plural(count, 'open letter');
  const all = Object.keys(filter).length === 0;
  const which = all ? { all } : { filter };
  const kinds = (
    <ul>
      {groups.slice(0, 5).map(({ actor, type, code, count }) => (
        <li key={`${actor} ${type} ${code}`}>
          {count} of {actor}: {type ?? 'without a type'}, {code}
        </li>
      ))}
      {groups.length > 5 ? <li>and {plural(groups.length - 5, 'other kind')}</li> : null}
    </ul>
  );
  return (
    <div class="actions">
      <Confirm
        action={`Redrive ${letters}`}
        impact={
          <>
            <p>{letters} go to their actors again, 50 a second at most, and what waits behind them follows:</p>
            {kinds}
            <p>
              What was handled meanwhile has no effect. Where one fails again in the same way, the rest waits for the
              next release.
            </p>
          </>
        }
        onConfirmed={async (reason) => {
          const { total } = await change<Job>('/operator/dead-letters/redrive', { ...which, reason });
          onDone(`${plural(total, 'letter')} are being redriven; see below how far that is.`);
        }}
      />
      <Confirm
        action={`Discard ${letters}`}
        danger
        impact={
          <>
            <p>{letters} are given up for good. Their messages are never handled, so their orders may never end:</p>
            {kinds}
          </>
        }
        onConfirmed={async (reason) => {
          const { discarded } = await change<{ discarded: number }>('/operator/dead-letters/discard', {
            ...which,
            reason,
          });
          onDone(`${plural(discarded, 'letter')} discarded.`);
        }}
      />
    </div>
  );
}
