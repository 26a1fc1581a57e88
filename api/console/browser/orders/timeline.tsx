/** An order's way on the clock: a bar for each passage, and the same in a table that tells everything. */
import type { Explanation, OrderMessage } from '../answers.js';
import { Table } from '../table.js';
import { duration, plainType, timeOfDay } from '../words.js';
import { type Passage, passagesOf } from './passages.js';

interface Props {
  readonly messages: readonly OrderMessage[];
  readonly explanation: Explanation;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ROW = 26;
const NAMES = 230;
const WIDTH = 1000;
/** So wide at least, or it could not be seen. */
const BAR = 5;

const WORDS: Readonly<Record<Passage['state'], string>> = {
  handled: 'handled',
  waiting: 'not handled yet',
  dead: 'given up: a dead letter',
  settled: 'given up, and settled',
};

export function Timeline({ messages, explanation, now }: Props) {
  const passages = passagesOf(messages, explanation.deadLetters, now);
  const { nextDeadline } = explanation;
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <Drawing passages={passages} />
      {nextDeadline === null ? null : (
        <p class="quiet">
          Next timer: <code>{nextDeadline.type}</code> at {timeOfDay(Date.parse(nextDeadline.dueAt))};{' '}
          {nextDeadline.follows}.
        </p>
      )}
      <details>
        <summary>As a table</summary>
        <Table
          caption="Who had to handle what, and how long it took"
          items={passages}
          keyOf={({ actor, message }) => `${actor} ${message.id}`}
          empty="Nothing has been said about the order yet."
          columns={[
            { title: 'Said at', cell: ({ from }) => timeOfDay(from) },
            { title: 'Message', cell: ({ message }) => message.type },
            { title: 'Actor', cell: ({ actor }) => actor },
            { title: 'State', cell: ({ state }) => WORDS[state] },
            { title: 'Failed attempts', figure: true, cell: ({ failures }) => failures },
            { title: 'Took', figure: true, cell: ({ from, to }) => (to === undefined ? '–' : duration(to - from)) },
          ]}
        />
      </details>
    </section>
  );
}

function Drawing({ passages }: { readonly passages: readonly Passage[] }) {
  const start = Math.min(...passages.map(({ from }) => from));
  const end = Math.max(start + 1, ...passages.map(({ from, to }) => to ?? from));
  const x = (time: number): number => NAMES + ((time - start) / (end - start)) * (WIDTH - NAMES - 70);
  const height = passages.length * ROW + ROW;
  return (
    <div class="drawing">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((share) => {
          const at = x(start + (end - start) * share);
          return (
            <g key={share}>
              <line class="grid" x1={at} x2={at} y1={ROW - 4} y2={height} />
              <text class="tick" x={at} y={14} text-anchor={share === 0 ? 'start' : 'middle'}>
                {share === 0 ? timeOfDay(start) : `+${duration((end - start) * share)}`}
              </text>
            </g>
          );
        })}
        {passages.map(({ actor, message, from, to, state, failures }, row) => (
          <g key={`${actor} ${message.id}`} transform={`translate(0 ${row * ROW + ROW})`}>
            <text x={0} y={16}>
              <tspan class="strong">{actor}</tspan> {plainType(message.type)}
            </text>
            {to === undefined ? (
              <circle class={`bar ${state}`} cx={x(from)} cy={11} r={4} />
            ) : (
              <rect
                class={`bar ${state}`}
                x={x(from)}
                y={4}
                width={Math.max(BAR, x(to) - x(from))}
                height={14}
                rx={3}
              />
            )}
            <text class="tick" x={(to === undefined ? x(from) : Math.max(x(to), x(from) + BAR)) + 6} y={15}>
              {to === undefined ? '' : duration(to - from)}
              {failures > 0 ? ` ✗${failures}` : ''}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
