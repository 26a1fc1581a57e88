/** One replay: what it means, what its rehearsal has found, how far it is, and what can be done about it. */
import type { Replay } from '../answers.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { useAnswer } from '../use-answer.js';
import { figure, moment } from '../words.js';
import { ChangeReplay } from './change-replay.js';
import { Progress } from './progress.js';
import { RehearsalFound } from './rehearsal.js';

export function ReplayScreen({ id }: { readonly id: string }) {
  const path = `/operator/replays/${encodeURIComponent(id)}`;
  const { value: replay, error, again } = useAnswer<Replay>(path);
  return (
    <Screen title={replay === undefined ? 'Replay' : `Replay to ${replay.to}`} error={error}>
      {replay === undefined ? null : (
        <>
          <section class="card" aria-label="How far it is">
            <p>
              <span role="status">
                <Status status={replay.status} />
              </span>{' '}
              <Progress replay={replay} />
            </p>
            {replay.trouble === null ? null : <p class="fault">{replay.trouble}</p>}
            <ChangeReplay replay={replay} path={path} again={again} />
          </section>
          <RehearsalFound to={replay.to} rehearsal={replay.rehearsal} />
          <Facts replay={replay} />
        </>
      )}
    </Screen>
  );
}

function Facts({ replay }: { readonly replay: Replay }) {
  const { id, from, until, types, order, effects, imported, perSecond } = replay;
  const { madeBy, madeAt, reason, startedAt, finishedAt } = replay;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Replay id', id],
    ['Messages', imported ? 'of a file' : 'of the event log'],
    ['From', from && moment(from)],
    ['Until', until && moment(until)],
    ['Types', types ?? 'all that the actor takes'],
    ['Of the order', order],
    ['Effects', effects ? 'are sent too' : 'are left out'],
    ['A second at most', figure(perSecond)],
    ['Asked for', `${moment(madeAt)} by ${madeBy}`],
    ['Reason', reason],
    ['Started', startedAt && moment(startedAt)],
    ['Over', finishedAt && moment(finishedAt)],
  ];
  return (
    <section aria-labelledby="meant">
      <h2 id="meant">What is meant</h2>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
