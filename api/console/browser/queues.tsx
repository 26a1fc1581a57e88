/** Queues and the actors that take from them: what waits, who takes it, how fast it comes and goes. A change of a queue is a column more. */
import type { ActorStatus, Live } from './answers.js';
import { useLive } from './live.js';
import { linkTo } from './place.js';
import { Screen } from './screen.js';
import { Sparkline } from './sparkline.js';
import { Table } from './table.js';
import { duration, figure } from './words.js';

export function Queues() {
  const { status, past } = useLive();
  return (
    <Screen title="Queues and workers">
      {status === undefined ? <p role="status">Asking how the fleet is …</p> : <Listed status={status} past={past} />}
      <p class="quiet">
        Ready is what no process holds. In is what was said to an actor, out what it said, on the average of the time
        that the overview tells. Scale a worker by running more of it: <code>node dist/workers/start.js NAME</code>.
      </p>
    </Screen>
  );
}

function Listed({ status, past }: { readonly status: Live; readonly past: readonly Live[] }) {
  const { said } = status.pace;
  const perMinute = (of: (one: (typeof said)[number]) => boolean): string =>
    `${figure(said.filter(of).reduce((sum, one) => sum + one.perMinute, 0))}/min`;
  return (
    <Table
      caption="The actors of this release, each with a queue of its name"
      items={status.actors}
      keyOf={({ actor }) => actor}
      empty="This release has no actors."
      columns={[
        { title: 'Actor', cell: ({ actor }) => actor },
        { title: 'State', cell: (actor) => <State {...stateOf(actor, status)} /> },
        { title: 'Ready', figure: true, cell: ({ ready }) => (ready === null ? '?' : figure(ready)) },
        { title: 'Processes', figure: true, cell: ({ consumers }) => consumers ?? '?' },
        { title: 'In', figure: true, cell: ({ handles }) => perMinute(({ type }) => handles.includes(type)) },
        { title: 'Out', figure: true, cell: ({ actor }) => perMinute(({ producer }) => producer === actor) },
        {
          title: 'Lag',
          figure: true,
          cell: ({ actor, oldestWaitingMs }) => (
            <>
              <Sparkline values={past.map((one) => lagOf(one, actor))} />{' '}
              {oldestWaitingMs === null ? 'none' : duration(oldestWaitingMs)}
            </>
          ),
        },
        {
          title: 'Dead letters',
          figure: true,
          cell: ({ actor, deadLetters }) => <a href={linkTo(['dead-letters'], { actor })}>{deadLetters.open}</a>,
        },
      ]}
    />
  );
}

const lagOf = ({ actors }: Live, name: string): number =>
  actors.find(({ actor }) => actor === name)?.oldestWaitingMs ?? 0;

interface Mood {
  readonly mood: 'well' | 'ill' | 'warn';
  readonly word: string;
}

const BEHIND_MS = 10_000;

/** Nobody there is another thing than too much to do. */
function stateOf({ actor, consumers, ready, oldestWaitingMs }: ActorStatus, { rabbitmq, circuits }: Live): Mood {
  if (!rabbitmq.reachable) return { mood: 'ill', word: 'unknown' };
  if (consumers === null) return { mood: 'ill', word: 'no queue' };
  const circuit = circuits.find(({ actors }) => actors.includes(actor));
  if (circuit !== undefined) return { mood: 'warn', word: `pauses for ${circuit.provider}` };
  if (consumers === 0) return { mood: 'ill', word: 'no consumer' };
  if ((oldestWaitingMs ?? 0) > BEHIND_MS) return { mood: 'warn', word: (ready ?? 0) > 0 ? 'overloaded' : 'behind' };
  return { mood: 'well', word: 'well' };
}

const State = ({ mood, word }: Mood) => <span class={`mark ${mood}`}>{word}</span>;
