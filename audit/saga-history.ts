/**
 * Whether an order's event log is one that the saga can have made. The log does not say in which order messages reached the
 * saga, and clocks may disagree; so this looks for an order of arrival in which the saga publishes just what was published,
 * each step because of the message that it names as its cause, and ends where the order stands. Pure.
 */
import type { Contract } from '../shared/messaging/contract.js';
import { ReservationExpired } from '../workers/inventory/messages.js';
import {
  CancelOrder,
  EnforceConfirmationDeadline,
  EnforcePaymentDeadline,
  EnforceShippingDeadline,
  OrderCancelled,
  OrderConfirmed,
  OrderReady,
} from '../workers/orders/messages.js';
import {
  cancel,
  type Deadline,
  type Decision,
  decide,
  evolve,
  FACTS,
  INITIATED,
  overdue,
  type Progress,
  type Step,
} from '../workers/orders/order.saga.js';
import { CancelShipment } from '../workers/shipping/messages.js';
import type { Dossier, Logged } from './dossier.js';
import { grouped } from './grouped.js';

/** Undefined: it is one. Otherwise what is wrong with it. */
export function faultOfHistory(order: Pick<Dossier, 'messages' | 'edited' | 'progress'>): string | undefined {
  const stored = pick(order.progress);
  const history = new History([...order.messages, ...order.edited]);
  const ends = history.ends(stored);
  if (ends.includes(written(stored))) return undefined;
  const [end] = ends;
  if (end !== undefined) return `its log leads to ${end}, and it is stored as ${written(stored)}`;
  const steps = history.steps.map(({ type }) => type).join(', ') || 'nothing';
  return `what the saga published (${steps}) does not follow from what it heard`;
}

/** The actor that the saga is. */
const SAGA = 'orders';

const MESSAGE_OF: Record<Step, Contract> = {
  confirm: OrderConfirmed,
  ready: OrderReady,
  'cancel-shipment': CancelShipment,
  cancel: OrderCancelled,
};
const STEPS = new Set(Object.values(MESSAGE_OF).map(({ name }) => name));

class History {
  /** What the saga published. */
  readonly steps: readonly Logged[];
  readonly #heard: readonly Logged[];
  /** Names of the steps, by the id of their cause. */
  readonly #stepsBy: ReadonlyMap<string | null, readonly string[]>;
  /** By message: what the saga must have heard before, because the message came of a step that it took then. */
  readonly #after: ReadonlyMap<string, readonly string[]>;

  constructor(messages: readonly Logged[]) {
    const byId = new Map(messages.map((message) => [message.id, message]));
    this.#heard = messages.filter(({ handledBy }) => handledBy.includes(SAGA));
    this.steps = messages.filter(({ producer, type }) => producer === SAGA && STEPS.has(type));
    const bySteps = grouped(this.steps, ({ causationId }) => causationId);
    this.#stepsBy = new Map([...bySteps].map(([cause, steps]) => [cause, steps.map(({ type }) => type)]));
    this.#after = new Map(this.#heard.map((message) => [message.id, triggersBefore(message, byId)]));
  }

  /** The ends that its arrivals can lead to, as text; only the wanted one, when that is among them. */
  ends(wanted: Progress): readonly string[] {
    const ends = new Set<string>();
    const seen = new Set<string>();
    const heardIds = new Set(this.#heard.map(({ id }) => id));
    // A step whose cause the saga has not handled can follow from no arrival.
    if (this.steps.some(({ causationId }) => causationId === null || !heardIds.has(causationId))) return [];
    const arrive = (at: Progress, waiting: readonly Logged[]): boolean => {
      const place = `${written(at)} ${waiting.map(({ id }) => id).join()}`;
      if (seen.has(place)) return false;
      seen.add(place);
      // What was set aside is in the inbox, and may have had its effect before, or never.
      if (waiting.every(({ setAsideBy }) => setAsideBy.includes(SAGA))) {
        ends.add(written(at));
        if (written(at) === written(wanted)) return true;
      }
      return waiting.some((message) => {
        const early = (this.#after.get(message.id) ?? []).some((id) => waiting.some((other) => other.id === id));
        if (early) return false;
        const { order, steps } = HEARD.get(message.type)?.(at) ?? { order: at, steps: [] };
        if (!same(steps, this.#stepsBy.get(message.id) ?? [])) return false;
        return arrive(
          order,
          waiting.filter((other) => other !== message),
        );
      });
    };
    return arrive(INITIATED, this.#heard) ? [written(wanted)] : [...ends];
  }
}

/** By which message the saga hears that a deadline has passed. */
const PASSED: Record<Deadline, Contract> = {
  payment: EnforcePaymentDeadline,
  confirmation: EnforceConfirmationDeadline,
  reservation: ReservationExpired,
  shipment: EnforceShippingDeadline,
};

const DEADLINES = ['payment', 'confirmation', 'reservation', 'shipment'] as const satisfies readonly Deadline[];

type Hear = (progress: Progress) => Decision<Progress>;

/** What the saga does at each message that it hears, by its name. */
export const HEARD: ReadonlyMap<string, Hear> = new Map<string, Hear>([
  ...[...FACTS.keys()].map((fact): [string, Hear] => [fact, (progress) => decide(evolve(progress, fact))]),
  ...DEADLINES.map((deadline): [string, Hear] => [PASSED[deadline].name, (progress) => overdue(progress, deadline)]),
  [CancelOrder.name, cancel],
]);

/** Ids of the messages that led the saga to what it published, this message or one from which it came. */
function triggersBefore(message: Logged, byId: ReadonlyMap<string, Logged>): string[] {
  const triggers: string[] = [];
  const passed = new Set<string>();
  for (let one: Logged | undefined = message; one !== undefined && !passed.has(one.id); ) {
    passed.add(one.id);
    const { producer, causationId }: Logged = one;
    if (producer === SAGA && causationId !== null) triggers.push(causationId);
    one = causationId === null ? undefined : byId.get(causationId);
  }
  return triggers;
}

const same = (steps: readonly Step[], published: readonly string[]): boolean =>
  steps
    .map((step) => MESSAGE_OF[step].name)
    .sort()
    .join() === [...published].sort().join();

const pick = ({ status, stock, payment, shipment, cancelReason }: Progress): Progress => ({
  status,
  stock,
  payment,
  shipment,
  cancelReason,
});

/** As a person reads it, and each standing differently. */
const written = ({ status, stock, payment, shipment, cancelReason }: Progress): string =>
  `${status} (stock ${stock}, payment ${payment}, shipment ${shipment}${cancelReason === null ? '' : `, ${cancelReason}`})`;
