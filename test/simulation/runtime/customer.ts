/** A customer who orders until he has an answer, always under the same idempotency key, and who may think better of it. */
import { fingerprintOf } from '../../../api/fingerprint.js';
import { newId } from '../../../shared/messaging/message-id.js';
import { placed } from '../../support/sample-order.js';
import type { Fate } from '../outside-world.js';
import { NATURE } from './scheduler.js';
import type { SimulatedFleet } from './simulated-fleet.js';
import type { Web } from './web.js';
import type { World } from './world.js';

export interface Plan extends Fate {
  readonly orderedAtMs: number;
  /** From the answer on; undefined for one who does not cancel. */
  readonly cancelledAfterMs: number | undefined;
  /** He asks twice at once. */
  readonly impatient: boolean;
}

const ANSWER_WITHIN_MS = 12_000;
const ASK_AGAIN_MS = 700;

export class Customer {
  readonly plan: Plan;
  /** What he was told, every time. */
  readonly orderIds = new Set<string>();
  readonly #world: World;
  readonly #fleet: SimulatedFleet;
  readonly #key: string;

  constructor(world: World, fleet: SimulatedFleet, plan: Plan, index: number) {
    this.plan = plan;
    this.#world = world;
    this.#fleet = fleet;
    this.#key = `order-${index}`;
    world.after(plan.orderedAtMs, NATURE, () => {
      this.#order();
      if (plan.impatient) this.#order();
    });
  }

  get reference(): string {
    return this.#key;
  }

  #order(): void {
    let answered = false;
    const again = (): void => {
      if (answered) return;
      answered = true;
      this.#order();
    };
    this.#ask(
      (web) => web.place(this.#placement()),
      (outcome) => {
        if (answered) return;
        if (outcome.kind === 'refused') return this.#world.wrong(`${this.#key} is refused: ${outcome.problem.code}`);
        if (outcome.kind === 'refused-before') return this.#world.wrong(`${this.#key} was refused before`);
        answered = true;
        this.#told(outcome.orderId);
      },
      () => this.#world.after(ASK_AGAIN_MS, NATURE, again),
    );
    this.#world.after(ANSWER_WITHIN_MS, NATURE, again);
  }

  #told(orderId: string): void {
    this.#world.note(`${this.#key} is ${this.#world.nameOf(orderId)}`);
    const first = this.orderIds.size === 0;
    this.orderIds.add(orderId);
    const { cancelledAfterMs } = this.plan;
    if (!first || cancelledAfterMs === undefined) return;
    this.#world.after(cancelledAfterMs, NATURE, () => {
      this.#ask(
        (web) => web.cancel(orderId),
        () => undefined,
        () => undefined,
      );
    });
  }

  /** Asks one of the processes, there and back over the network. */
  #ask<T>(ask: (web: Web) => Promise<T>, onAnswer: (answer: T) => void, onFailure: () => void): void {
    const webs = [...this.#fleet.webs.values()].filter(({ process }) => process.alive);
    const asked = webs[this.#world.chance.below(webs.length)];
    if (asked === undefined) {
      onFailure();
      return;
    }
    this.#world.after(this.#world.latencyMs(), asked.process, () => {
      ask(asked.web).then(
        (answer) => {
          if (asked.process.acts('answers')) this.#world.soon(() => onAnswer(answer));
        },
        () => {
          if (asked.process.acts('refuses')) this.#world.soon(onFailure);
        },
      );
    });
  }

  #placement() {
    const { customer, shippingAddress, storefrontId } = placed;
    const lines = placed.lines.map(({ sku, quantity }, index) => ({ sku, quantity, index }));
    const request = {
      customer,
      shippingAddress,
      lines: placed.lines,
      paymentToken: 'tok_simulated',
      reference: this.#key,
    };
    return {
      orderId: newId(),
      storefrontId,
      idempotencyKey: this.#key,
      fingerprint: fingerprintOf(request),
      request,
      lines,
    };
  }
}
