/** The saga drawn: states as boxes that lead to their orders, and arrows with how many go along them a minute. */
import { linkTo } from '../place.js';
import { figure } from '../words.js';
import { EDGES, type Edge, STATES } from './states.js';

interface Props {
  readonly states: readonly { readonly name: string; readonly count: number; readonly oldest: string | undefined }[];
  /** Messages a minute by their full name. */
  readonly rates: ReadonlyMap<string, number>;
}

const WIDTH = 150;
const HEIGHT = 74;

export function Diagram({ states, rates }: Props) {
  return (
    <div class="drawing flow">
      <svg viewBox="0 0 980 310">
        <title>States of orders</title>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {EDGES.map((edge) => (
          <path
            key={`${edge.from} ${edge.to}`}
            class={`edge ${edge.compensation ? 'compensation' : ''}`}
            d={lineOf(edge)}
            marker-end="url(#arrow)"
          />
        ))}
        {LABELS.map(({ type, x, y }) => (
          <text key={type} class="tick" x={x} y={y} text-anchor="middle">
            {figure(rates.get(type) ?? 0)}/min
          </text>
        ))}
        {STATES.map(({ name, x, y }) => {
          const { count = 0, oldest } = states.find((state) => state.name === name) ?? {};
          const says = `${name}: ${figure(count)}${oldest === undefined ? '' : `, oldest ${oldest}`}`;
          return (
            <a key={name} href={linkTo(['orders'], { status: name })} aria-label={says}>
              <rect class={`state ${name.toLowerCase()}`} x={x} y={y} width={WIDTH} height={HEIGHT} rx={10} />
              <text x={x + WIDTH / 2} y={y + 20} text-anchor="middle">
                {name}
              </text>
              <text class="count" x={x + WIDTH / 2} y={y + 45} text-anchor="middle">
                {figure(count)}
              </text>
              <text class="tick" x={x + WIDTH / 2} y={y + 64} text-anchor="middle">
                {oldest === undefined ? '' : `oldest ${oldest}`}
              </text>
            </a>
          );
        })}
      </svg>
    </div>
  );
}

/** Beside the arrows they belong to. */
const LABELS = [
  { type: 'orders.order-placed', x: 45, y: 68 },
  { type: 'orders.order-confirmed', x: 285, y: 68 },
  { type: 'payment.payment-captured', x: 525, y: 68 },
  { type: 'shipping.order-shipped', x: 765, y: 68 },
  { type: 'orders.order-cancelled', x: 450, y: 170 },
  { type: 'inventory.stock-released', x: 645, y: 238 },
];

function lineOf({ from, to }: Edge): string {
  const begin = STATES.find(({ name }) => name === from);
  const end = STATES.find(({ name }) => name === to);
  if (end === undefined) return '';
  if (begin === undefined) return `M${end.x - 88} ${end.y + HEIGHT / 2}H${end.x - 3}`;
  if (begin.y === end.y) return `M${begin.x + WIDTH} ${begin.y + HEIGHT / 2}H${end.x - 3}`;
  // Down to the top of the box below, where arrows from left and right keep apart.
  const aim = end.x + WIDTH / 2 + Math.sign(begin.x - end.x) * 45;
  return `M${begin.x + WIDTH / 2} ${begin.y + HEIGHT}L${aim} ${end.y - 3}`;
}
