/** The processes of the fleet, as they have noted themselves. */
import type { Instance, Page } from '../answers.js';
import { useLive } from '../live.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { age, duration, figure } from '../words.js';

export function Processes() {
  const { value, error } = useAnswer<Page<Instance>>('/operator/instances');
  const { status } = useLive();
  const now = Date.parse(status?.at ?? new Date().toISOString());
  return (
    <section aria-labelledby="processes">
      <h2 id="processes">Processes</h2>
      {error === undefined ? null : (
        <p class="fault" role="alert">
          {error}
        </p>
      )}
      {value === undefined ? null : (
        <Table
          caption="Each notes itself every five seconds; one that ends in order takes that back"
          items={value.items}
          keyOf={({ id }) => id}
          empty="No process has noted itself."
          columns={[
            { title: 'Runs', cell: ({ kind }) => kind.replaceAll('+', ', ') },
            { title: 'State', cell: (instance) => <Life {...instance} /> },
            { title: 'Host', cell: ({ host }) => host },
            { title: 'Process', figure: true, cell: ({ pid }) => pid },
            { title: 'Release', cell: ({ release }) => release },
            {
              title: 'Up',
              figure: true,
              cell: ({ gone, startedAt, seenAt }) => age(startedAt, gone ? Date.parse(seenAt) : now),
            },
            { title: 'In flight', figure: true, cell: ({ actors }) => sum(actors.map(({ inFlight }) => inFlight)) },
            { title: 'Handled', figure: true, cell: ({ actors }) => sum(actors.map(({ handled }) => handled)) },
            { title: 'Loop delay', figure: true, cell: ({ loopDelayMs }) => duration(loopDelayMs) },
          ]}
        />
      )}
      <p class="quiet">
        The loop delay is how late a process got to what it had to do, at worst of the looks since it was last noted,
        100 ms apart.
      </p>
    </section>
  );
}

function Life({ gone, silentMs }: Pick<Instance, 'gone' | 'silentMs'>) {
  if (gone) return <span class="mark ill">gone for {duration(silentMs)}</span>;
  return silentMs > SILENT_MS ? (
    <span class="mark warn">silent for {duration(silentMs)}</span>
  ) : (
    <span class="mark well">lives</span>
  );
}

/** It has missed three signs of life. */
const SILENT_MS = 15_000;

/** Nothing for a process that runs no actor. */
const sum = (figures: readonly number[]): string =>
  figures.length === 0 ? '' : figure(figures.reduce((all, one) => all + one, 0));
