/** Is the fleet well? If not, why and what to do; and the figures by which one sees how it goes. */
import type { ComponentChild } from 'preact';
import type { Live } from './answers.js';
import { Chart } from './chart.js';
import { useLive } from './live.js';
import { linkTo } from './place.js';
import { Screen } from './screen.js';
import { age, duration, figure, plural } from './words.js';

export function Overview() {
  const { status } = useLive();
  return (
    <Screen title="Overview">
      {status === undefined ? <p role="status">Asking how the fleet is …</p> : <Status status={status} />}
    </Screen>
  );
}

function Status({ status }: { readonly status: Live }) {
  const { pace } = status;
  return (
    <>
      <Verdict status={status} />
      <Figures status={status} />
      <Chart
        title={`Orders a minute, in the last ${duration(Date.parse(pace.until) - Date.parse(pace.since))}`}
        at={pace.series.map(({ at }) => at)}
        series={[
          { title: 'placed', colour: '--placed', values: pace.series.map(({ placed }) => placed) },
          { title: 'shipped', colour: '--shipped', values: pace.series.map(({ shipped }) => shipped) },
          { title: 'cancelled', colour: '--cancelled', values: pace.series.map(({ cancelled }) => cancelled) },
        ]}
      />
      <Servers status={status} />
    </>
  );
}

function Verdict({ status: { well, reasons } }: { readonly status: Live }) {
  return (
    <section class={`verdict ${well ? 'well' : 'ill'}`} aria-labelledby="verdict" aria-live="polite">
      <h2 id="verdict">{well ? 'The fleet is well' : `The fleet is not well: ${plural(reasons.length, 'reason')}`}</h2>
      {well ? null : (
        <ul>
          {reasons.map(({ code, says, remedy }) => (
            <li key={`${code} ${says}`}>
              <strong>{says}</strong>
              <span class="remedy">
                {code === 'dead-letters.open' ? <a href={linkTo(['dead-letters'])}>Look at them</a> : remedy}
              </span>
              <code class="quiet">{code}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Figures({ status }: { readonly status: Live }) {
  const { pace, deadLetters, orders, outbox, retrying, timers } = status;
  const lag = Math.max(0, ...status.actors.map(({ oldestWaitingMs }) => oldestWaitingMs ?? 0));
  const unfinished = orders.oldestUnfinished;
  return (
    <dl class="figures">
      <Figure title="Orders a minute" value={figure(pace.placedPerMinute)} />
      <Figure title="Shipped a minute" value={figure(pace.shippedPerMinute)} />
      <Figure title="p50 to shipped" value={pace.toShippedMs ? duration(pace.toShippedMs.p50) : '–'} />
      <Figure title="p95 to shipped" value={pace.toShippedMs ? duration(pace.toShippedMs.p95) : '–'} />
      <Figure title="Cancelled a minute" value={figure(pace.cancelledPerMinute)} />
      <Figure title="Longest lag" value={lag === 0 ? 'none' : duration(lag)} ill={lag > 60_000} />
      <Figure
        title="Dead letters"
        value={<a href={linkTo(['dead-letters'])}>{figure(deadLetters.open)}</a>}
        more={deadLetters.held > 0 ? `${plural(deadLetters.held, 'message')} behind them` : undefined}
        ill={deadLetters.open > 0}
      />
      <Figure title="On the retry ladder" value={figure(retrying)} />
      <Figure
        title="In the outbox"
        value={figure(outbox.depth)}
        more={outbox.depth > 0 ? `oldest ${duration(outbox.oldestMs)}` : undefined}
      />
      <Figure
        title="Timers set"
        value={figure(timers.scheduled)}
        more={timers.overdue > 0 ? `${timers.overdue} overdue` : undefined}
      />
      <Figure
        title="Oldest unfinished order"
        value={
          unfinished === null ? (
            'none'
          ) : (
            <a href={linkTo(['orders', unfinished.id])}>{age(unfinished.placedAt, Date.parse(status.at))}</a>
          )
        }
        more={unfinished?.status}
      />
    </dl>
  );
}

interface FigureProps {
  readonly title: string;
  readonly value: ComponentChild;
  readonly more?: string | undefined;
  readonly ill?: boolean;
}

function Figure({ title, value, more, ill = false }: FigureProps) {
  return (
    <div class={ill ? 'ill' : ''}>
      <dt>{title}</dt>
      <dd>
        {value}
        {more === undefined ? null : <small>{more}</small>}
      </dd>
    </div>
  );
}

/** What the fleet stands on and asks. */
function Servers({ status: { rabbitmq, circuits, at } }: { readonly status: Live }) {
  return (
    <section aria-labelledby="servers">
      <h2 id="servers">Servers and providers</h2>
      <ul class="servers">
        <li>
          <span class="mark well">answers</span> PostgreSQL
        </li>
        <li>
          <span class={`mark ${rabbitmq.reachable ? 'well' : 'ill'}`}>{rabbitmq.reachable ? 'answers' : 'silent'}</span>{' '}
          RabbitMQ {rabbitmq.why ?? ''}
        </li>
        {circuits.map(({ provider, actors, reason, openedAt }) => (
          <li key={provider}>
            <span class="mark ill">open</span> circuit of {provider} for {age(openedAt, Date.parse(at))}:{' '}
            {reason ?? 'no reason is known'}; {actors.join(', ')} pauses
          </li>
        ))}
        {circuits.length === 0 ? (
          <li>
            <span class="mark well">closed</span> all circuits of providers
          </li>
        ) : null}
      </ul>
      <p class="quiet">
        Web has no connection to Redis, which may be lost at any time; the processes' /readyz tell of it.
      </p>
    </section>
  );
}
