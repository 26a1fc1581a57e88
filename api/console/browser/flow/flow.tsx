/** The way of all orders: how many are in each state, since when, and how many go on from it a minute. */
import type { Live } from '../answers.js';
import { useLive } from '../live.js';
import { isAtItsEnd } from '../orders/statuses.js';
import { linkTo } from '../place.js';
import { Screen } from '../screen.js';
import { Table } from '../table.js';
import { age, figure, plainType, plural } from '../words.js';
import { Diagram } from './diagram.js';
import { EDGES, STATES } from './states.js';

export function Flow() {
  const { status } = useLive();
  return (
    <Screen title="Flow">
      {status === undefined ? <p role="status">Asking how the fleet is …</p> : <Drawn status={status} />}
    </Screen>
  );
}

function Drawn({ status }: { readonly status: Live }) {
  const { lookedAt, byStatus, oldest } = status.orders;
  const now = Date.parse(status.at);
  const rates = ratesOf(status);
  const states = STATES.map(({ name }) => ({ name, count: byStatus[name] ?? 0, oldest: oldest[name] }));
  return (
    <>
      <p class="quiet">
        Of the newest {plural(lookedAt, 'order')}. Dashed is compensation: what was done is given back. A state leads to
        its orders.
      </p>
      <Diagram
        states={states.map(({ name, count, oldest }) => ({
          name,
          count,
          oldest: oldest === undefined || isAtItsEnd(name) ? undefined : age(oldest, now),
        }))}
        rates={rates}
      />
      <Table
        caption="The states"
        items={states}
        keyOf={({ name }) => name}
        empty=""
        columns={[
          { title: 'State', cell: ({ name }) => <a href={linkTo(['orders'], { status: name })}>{name}</a> },
          { title: 'Orders', figure: true, cell: ({ count }) => figure(count) },
          {
            title: 'Oldest',
            figure: true,
            cell: ({ name, oldest }) => (oldest === undefined || isAtItsEnd(name) ? '–' : age(oldest, now)),
          },
          {
            title: 'Come in a minute',
            cell: ({ name }) =>
              [...new Set(EDGES.filter(({ to }) => to === name).map(({ type }) => type))]
                .map((type) => `${figure(rates.get(type) ?? 0)} (${plainType(type)})`)
                .join(', '),
          },
        ]}
      />
    </>
  );
}

/** Messages a minute by their full name, whoever said them. */
function ratesOf({ pace }: Live): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  for (const { type, perMinute } of pace.said) rates.set(type, (rates.get(type) ?? 0) + perMinute);
  return rates;
}
