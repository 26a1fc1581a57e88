/**
 * The whole fleet in memory, with the real actors. Chance picks what is delivered next, and what goes wrong: deliveries
 * come late, twice, to a process that dies before its commit, or to one so slow that the state has moved meanwhile.
 * There is no inbox: the actors have to stand every repetition by themselves.
 */
import { TransientError } from '../../shared/actors/errors.js';
import { EmailActor } from '../../workers/email/email.actor.js';
import { InventoryActor } from '../../workers/inventory/inventory.actor.js';
import { type StockLevel, StockLevels, stockId } from '../../workers/inventory/stock.state.js';
import {
  CancelOrder,
  EnforcePaymentDeadline,
  OrderCancelled,
  OrderPlaced,
  OrderReady,
} from '../../workers/orders/messages.js';
import { Orders } from '../../workers/orders/order.state.js';
import { OrdersActor } from '../../workers/orders/orders.actor.js';
import { PaymentActor } from '../../workers/payment/payment.actor.js';
import { Payments } from '../../workers/payment/payment.state.js';
import { OrderShipped } from '../../workers/shipping/messages.js';
import { ShippingActor } from '../../workers/shipping/shipping.actor.js';
import { ActorHarness, message, type Performed, type Published } from '../support/actor-harness.js';
import { testKeyring } from '../support/keyring.js';
import { paymentOf, placed, storedOrder } from '../support/sample-order.js';
import { type Chance, type Fate, SimulatedCarrier, SimulatedMailServer, SimulatedProvider } from './outside-world.js';

interface Delivery {
  readonly to: ActorHarness;
  readonly message: Published;
}

/** More than any run needs; one that takes longer goes round in circles. */
const MOST_STEPS = 5_000;

export class SimulatedFleet {
  readonly #chance: Chance;
  readonly #unsaid: ReadonlySet<string>;
  readonly provider: SimulatedProvider;
  readonly carrier: SimulatedCarrier;
  readonly mailServer: SimulatedMailServer;
  readonly orders: ActorHarness;
  readonly inventory: ActorHarness;
  readonly #payment: ActorHarness;
  readonly #actors: readonly ActorHarness[];
  /** Every message that was ever published, oldest first. */
  readonly log: Published[] = [];
  #waiting: Delivery[] = [];
  readonly #wishes: { readonly orderId: string; readonly afterDeliveries: number }[] = [];
  #slow: { readonly delivery: Delivery; readonly performed: Performed }[] = [];

  /** @param unsaid orders whose messages are an earlier release's, and do not say whose order it is */
  constructor(chance: Chance, fateOf: (orderId: string) => Fate, unsaid: ReadonlySet<string> = new Set()) {
    this.#chance = chance;
    this.#unsaid = unsaid;
    this.provider = new SimulatedProvider(chance, fateOf);
    this.carrier = new SimulatedCarrier(chance, fateOf);
    this.mailServer = new SimulatedMailServer(chance);
    this.orders = new ActorHarness(new OrdersActor({ confirmedAfterMs: 1, shippedAfterMs: 1 }));
    this.inventory = new ActorHarness(new InventoryActor({ keptForMs: 1 }));
    this.#payment = new ActorHarness(new PaymentActor(this.provider, testKeyring));
    this.#actors = [
      this.orders,
      this.inventory,
      this.#payment,
      new ActorHarness(new ShippingActor(this.carrier)),
      new ActorHarness(new EmailActor(this.mailServer)),
    ];
  }

  stock(sku: string, level: StockLevel): void {
    this.inventory.given(StockLevels, stockId(placed.storefrontId, sku), level);
  }

  /** What the intake does in its transaction. */
  place(orderId: string): void {
    this.orders.given(Orders, orderId, storedOrder);
    this.#payment.given(Payments, orderId, paymentOf(orderId));
    this.orders.setTimer(message(EnforcePaymentDeadline, { orderId }));
    this.#publish([message(OrderPlaced, { ...placed, orderId })]);
  }

  /** Timers that nobody took back. */
  get timers(): Published[] {
    return this.#actors.flatMap(({ timers }) => timers);
  }

  /** The customer cancels when so many deliveries were made; never, when the run ends before. */
  cancel(orderId: string, afterDeliveries: number): void {
    this.#wishes.push({ orderId, afterDeliveries });
  }

  /** Delivers until nothing is left to do. */
  async run(): Promise<void> {
    for (let step = 0; this.#waiting.length + this.#slow.length > 0; step++) {
      if (step === MOST_STEPS) throw new Error(`it never ends: ${this.#waiting.map(({ message: { type } }) => type)}`);
      if (this.#chance(10) === 0) {
        this.provider.proceed();
        this.carrier.proceed();
      }
      for (const { orderId, afterDeliveries } of this.#wishes) {
        if (step === afterDeliveries) this.#publish([message(CancelOrder, { orderId })]);
      }
      if (this.#chance(40) === 1) this.#fireOne();
      const late = this.#chance(3) === 0 ? this.#slow.shift() : undefined;
      if (late) this.#commit(late.performed, late.delivery);
      const [delivery] = this.#waiting.splice(this.#chance(this.#waiting.length), 1);
      if (delivery) await this.#deliver(delivery);
    }
  }

  /** How long a deadline is does not matter: it may pass at any moment. */
  #fireOne(): void {
    const timers = this.#actors.flatMap((actor) => actor.timers.map((timer) => ({ actor, timer })));
    const due = timers[this.#chance(timers.length)];
    if (due === undefined) return;
    due.actor.takeTimer(due.timer);
    this.#publish([due.timer]);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const mishap = this.#chance(8);
    try {
      const performed = await delivery.to.perform(delivery.message);
      if (mishap === 1) this.#slow.push({ delivery, performed });
      else if (mishap === 2) this.#waiting.push(delivery);
      else this.#commit(performed, delivery);
      if (mishap === 3) this.#waiting.push(delivery);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      this.#waiting.push(delivery);
    }
  }

  #commit(performed: Performed, delivery: Delivery): void {
    const published = performed.commit();
    if (published) this.#publish(published);
    else this.#waiting.push(delivery);
  }

  #publish(messages: readonly Published[]): void {
    for (const published of messages.map((made) => this.#asTold(made))) {
      this.log.push(published);
      for (const to of this.#actors) {
        if (to.handles.includes(published.type)) this.#waiting.push({ to, message: published });
      }
    }
  }

  #asTold({ type, payload }: Published): Published {
    if (!SAY_SINCE.has(type)) return { type, payload };
    // Every contract of this project names its order.
    const { storefrontId: _, ...told } = payload as { readonly orderId: string; readonly storefrontId: string };
    return { type, payload: this.#unsaid.has(told.orderId) ? told : payload };
  }
}

/** Messages that did not always say whose order it is. */
const SAY_SINCE: ReadonlySet<string> = new Set([OrderReady.name, OrderCancelled.name, OrderShipped.name]);
