/** A payment provider, a carrier and a mail server in memory. They honour idempotency keys, and fail as chance will have it. */
import { TransientError } from '../../shared/actors/errors.js';
import type { Call } from '../../shared/http/idempotent-api.js';
import type { Mailer } from '../../workers/email/mailer.js';
import type { PaymentGateway } from '../../workers/payment/payment-gateway.js';
import type { Carrier } from '../../workers/shipping/carrier.js';

/** A whole number from 0 up to, not including, the bound. 0 is the case in which nothing goes wrong. */
export type Chance = (bound: number) => number;

/** What the outside world makes of an order. */
export interface Fate {
  readonly declined: boolean;
  readonly captureRefused: boolean;
  readonly shipmentRefused: boolean;
}

/** Carries requests out once a key: at once, after the caller has given up, or with an answer that is lost. */
class IdempotentWorld {
  readonly #chance: Chance;
  readonly #answers = new Map<string, unknown>();
  readonly #underWay = new Map<string, { orderId: string; carryOut: () => unknown }>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  async ask<A>(orderId: string, { idempotencyKey: key }: Call, carryOut: () => A): Promise<A> {
    if (this.#underWay.has(key)) throw unclear('the key is in flight');
    if (!this.#answers.has(key)) {
      const mishap = this.#chance(6);
      if (mishap === 1) throw unclear('it was not done');
      if (mishap === 2) {
        this.#underWay.set(key, { orderId, carryOut });
        throw unclear('it is still under way');
      }
      this.#answers.set(key, carryOut());
      if (mishap === 3) throw unclear('the answer was lost');
    }
    // A key is used by one step, whose answers are of one type.
    return this.#answers.get(key) as A;
  }

  refuseWhileBusyWith(orderId: string): void {
    for (const request of this.#underWay.values()) if (request.orderId === orderId) throw unclear('it is busy');
  }

  /** Carries out what is under way. */
  proceed(): void {
    for (const [key, { carryOut }] of this.#underWay) this.#answers.set(key, carryOut());
    this.#underWay.clear();
  }
}

const unclear = (why: string) => new TransientError('test.unclear', why);

export class SimulatedProvider extends IdempotentWorld implements PaymentGateway {
  readonly #accounts = new Map<string, { held: number; charged: number }>();
  readonly #fateOf: (orderId: string) => Fate;

  constructor(chance: Chance, fateOf: (orderId: string) => Fate) {
    super(chance);
    this.#fateOf = fateOf;
  }

  accountOf(orderId: string): { held: number; charged: number } {
    const account = this.#accounts.get(orderId) ?? { held: 0, charged: 0 };
    this.#accounts.set(orderId, account);
    return account;
  }

  authorize: PaymentGateway['authorize'] = ({ orderId, amount: { amount } }, call) =>
    this.ask(orderId, call, () => {
      if (this.#fateOf(orderId).declined) return { kind: 'declined', reason: 'no funds' };
      this.accountOf(orderId).held += amount;
      return { kind: 'authorized', authorizationId: 'auth' };
    });

  capture: PaymentGateway['capture'] = ({ orderId }, call) =>
    this.ask(orderId, call, () => {
      const account = this.accountOf(orderId);
      if (account.held === 0 || this.#fateOf(orderId).captureRefused) return { kind: 'declined', reason: 'expired' };
      account.charged += account.held;
      account.held = 0;
      return { kind: 'captured' };
    });

  void: PaymentGateway['void'] = async ({ orderId }, call) => {
    this.refuseWhileBusyWith(orderId);
    const account = this.accountOf(orderId);
    if (account.held === 0) return { kind: 'nothing-held' };
    return this.ask(orderId, call, () => {
      account.held = 0;
      return { kind: 'voided' };
    });
  };

  refund: PaymentGateway['refund'] = async ({ orderId }, call) => {
    this.refuseWhileBusyWith(orderId);
    const account = this.accountOf(orderId);
    if (account.charged === 0) return { kind: 'nothing-captured' };
    return this.ask(orderId, call, () => {
      account.charged = 0;
      return { kind: 'refunded' };
    });
  };
}

export class SimulatedCarrier extends IdempotentWorld implements Carrier {
  readonly #fateOf: (orderId: string) => Fate;
  /** By order. */
  readonly labels = new Map<string, { made: number; active: number }>();

  constructor(chance: Chance, fateOf: (orderId: string) => Fate) {
    super(chance);
    this.#fateOf = fateOf;
  }

  ship: Carrier['ship'] = ({ orderId }, call) =>
    this.ask(orderId, call, () => {
      if (this.#fateOf(orderId).shipmentRefused) return { kind: 'refused', reason: 'nobody lives there' };
      const made = (this.labels.get(orderId)?.made ?? 0) + 1;
      this.labels.set(orderId, { made, active: made });
      return { kind: 'shipped', carrier: 'Parcel', trackingNumber: 'P1' };
    });

  cancel: Carrier['cancel'] = async (orderId, call) => {
    this.refuseWhileBusyWith(orderId);
    const { made, active } = this.labels.get(orderId) ?? { made: 0, active: 0 };
    if (active > 0) await this.ask(orderId, call, () => void this.labels.set(orderId, { made, active: 0 }));
  };
}

/** Takes a mail, and sometimes breaks off after it, or before. */
export class SimulatedMailServer implements Mailer {
  readonly #chance: Chance;
  readonly messageIds = new Set<string>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  send: Mailer['send'] = async ({ orderId, occasion }) => {
    const mishap = this.#chance(6);
    if (mishap === 1) throw unclear('it was not taken');
    const messageId = `${orderId}:${occasion}`;
    this.messageIds.add(messageId);
    if (mishap === 2) throw unclear('the answer was lost');
    return { messageId };
  };
}
