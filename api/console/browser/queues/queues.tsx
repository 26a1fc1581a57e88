/** Queues and the actors that take from them: what waits, who takes it, how fast it comes and goes, and what operators set. */
import { useState } from 'preact/hooks';
import type { ActorStatus, Live } from '../answers.js';
import { useLive } from '../live.js';
import { linkTo } from '../place.js';
import { Screen } from '../screen.js';
import { Sparkline } from '../sparkline.js';
import { Table } from '../table.js';
import { duration, figure } from '../words.js';
import { PauseOrResume, Prefetch } from './change-queue.js';
import { Processes } from './processes.js';
import { ratesOf } from './rates.js';
import { stateOf } from './state.js';

export function Queues() {
  const { status, past } = useLive();
  const [done, setDone] = useState('');
  return (
    <Screen title="Queues and workers">
      <p role="status">{status === undefined ? 'Asking how the fleet is …' : done}</p>
      {status === undefined ? null : <Listed status={status} past={past} onDone={setDone} />}
      <p class="quiet">
        Ready is what no process holds, in flight what processes hold; in is what comes, out what is handled, a second.
        Scale a worker by running more of it: <code>node dist/workers/start.js NAME</code>.
      </p>
      <Processes />
    </Screen>
  );
}

interface Props {
  readonly status: Live;
  readonly past: readonly Live[];
  readonly onDone: (words: string) => void;
}

function Listed({ status, past, onDone }: Props) {
  const rates = new Map(status.actors.map(({ actor }) => [actor, ratesOf(actor, past)]));
  return (
    <Table
      caption="The actors of this release, each with a queue of its name"
      items={status.actors}
      keyOf={({ actor }) => actor}
      empty="This release has no actors."
      columns={[
        { title: 'Actor', cell: ({ actor }) => actor },
        { title: 'State', cell: (actor) => <State actor={actor} status={status} /> },
        { title: 'Ready', figure: true, cell: ({ ready }) => known(ready) },
        { title: 'In flight', figure: true, cell: ({ actor }) => known(rates.get(actor)?.inFlight) },
        { title: 'Consumers', figure: true, cell: ({ consumers }) => known(consumers) },
        { title: 'In', figure: true, cell: ({ actor }) => perSecond(rates.get(actor)?.in) },
        { title: 'Out', figure: true, cell: ({ actor }) => perSecond(rates.get(actor)?.out) },
        {
          title: 'Lag',
          figure: true,
          cell: ({ actor, oldestWaitingMs }) => (
            <span class="lag">
              <Sparkline values={past.map((one) => lagOf(one, actor))} />{' '}
              {oldestWaitingMs === null ? 'none' : duration(oldestWaitingMs)}
            </span>
          ),
        },
        {
          title: 'Dead letters',
          figure: true,
          cell: ({ actor, deadLetters }) => <a href={linkTo(['dead-letters'], { actor })}>{deadLetters.open}</a>,
        },
        {
          title: 'Prefetch',
          figure: true,
          cell: (actor) => <Prefetch status={actor} onDone={onDone} />,
        },
        { title: 'Change', cell: (actor) => <PauseOrResume status={actor} onDone={onDone} /> },
      ]}
    />
  );
}

const known = (count: number | null | undefined): string => (count == null ? '?' : figure(count));
const perSecond = (rate: number | null | undefined): string =>
  rate == null ? '?' : `${rate.toLocaleString('en', { maximumFractionDigits: rate < 1 ? 2 : 1 })}/s`;
const lagOf = ({ actors }: Live, name: string): number =>
  actors.find(({ actor }) => actor === name)?.oldestWaitingMs ?? 0;

function State({ actor, status }: { readonly actor: ActorStatus; readonly status: Live }) {
  const { mood, word, more } = stateOf(actor, status);
  return (
    <div>
      <span class={`mark ${mood}`}>{word}</span>
      {more === undefined ? null : <small class="more">{more}</small>}
    </div>
  );
}
