/** Makes the deliveries that are due: as many attempts at once as there is room for, each on its own. */
import { setMaxListeners } from 'node:events';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import type { Logger } from '../../shared/observability/log.js';
import { reasonOf } from '../../shared/observability/reason.js';
import type { Database } from '../../shared/postgres/database.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import type { Attempted, Attempts } from './attempt.js';
import { type Claimed, claimDue } from './claims.js';
import { webhookAttemptSeconds, webhookAttempts } from './metrics.js';
import { putOff, release, type Settlement, settle } from './settlements.js';
import { signatureHeaders } from './signature.js';
import { verdictOn } from './verdict.js';

/** Of the room there is, for endpoints that fail. */
const SHARE_OF_AILING = 0.25;
/** For writing down what came of an attempt that took all its time. */
const LEASE_BEYOND_TIMEOUT_MS = 5000;
/** Until somebody has seen to what is wrong on our side. */
const PUT_OFF_MS = 60_000;
const USER_AGENT = 'Warren-Webhooks/1';

export interface DelivererOptions {
  /** Attempts under way at once. */
  readonly atOnce: number;
  /** Of an attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** An endpoint that has failed for so long is disabled, in milliseconds. */
  readonly disableAfterMs: number;
}

type Parts = Pick<ProcessParts, 'database' | 'keyring' | 'log'>;

export class Deliverer {
  readonly #database: Database;
  readonly #keyring: Keyring;
  readonly #attempts: Attempts;
  readonly #options: DelivererOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #underWay = new Map<Claimed, Promise<void>>();
  #settled: Settlement[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor({ database, keyring, log }: Parts, attempts: Attempts, options: DelivererOptions) {
    this.#database = database;
    this.#keyring = keyring;
    this.#attempts = attempts;
    this.#options = options;
    this.#log = log;
    // Each attempt listens for the stop.
    setMaxListeners(options.atOnce, this.#stopping.signal);
  }

  /** Begins what is due and there is room for. Returns how many attempts that was. */
  async begin(): Promise<number> {
    const { atOnce, timeoutMs } = this.#options;
    const forAiling = Math.ceil(atOnce * SHARE_OF_AILING);
    const ailing = [...this.#underWay.keys()].filter((one) => one.ailing).length;
    const healthy = this.#underWay.size - ailing;
    const room = { healthy: atOnce - forAiling - healthy, ailing: forAiling - ailing };
    const claimed = await claimDue(this.#database, room, {
      underWay: [...this.#underWay.keys()],
      leaseMs: timeoutMs + LEASE_BEYOND_TIMEOUT_MS,
    });
    for (const delivery of claimed) {
      const attempt = this.#attempt(delivery)
        .catch((error) =>
          this.#log.warn({ delivery: delivery.id, err: error }, 'could not give a delivery back; its lease runs out'),
        )
        .finally(() => this.#underWay.delete(delivery));
      this.#underWay.set(delivery, attempt);
    }
    return claimed.length;
  }

  /** Waits for what is under way, at most so long; what is not over then is broken off and due again at once. */
  async stop(graceMs: number): Promise<void> {
    const breakOff = setTimeout(() => this.#stopping.abort(), graceMs);
    await Promise.allSettled(this.#underWay.values());
    clearTimeout(breakOff);
    await this.#writing;
    await this.#attempts.close();
  }

  async #attempt(delivery: Claimed): Promise<void> {
    const { webhookId: id, attempt } = delivery;
    const at = new Date();
    const attempted = await this.#send(delivery, at);
    if (attempted === undefined) return;
    webhookAttemptSeconds.observe(attempted.tookMs / 1000);
    if (attempted.error !== undefined && this.#stopping.signal.aborted) {
      await release(this.#database, delivery, 0);
      return;
    }
    webhookAttempts.inc({ outcome: attempted.error ?? 'delivered' });
    const about = { delivery: delivery.id, endpoint: delivery.endpointId, webhook: id, attempt };
    this.#log.debug(
      { ...about, status: attempted.status, error: attempted.error, tookMs: attempted.tookMs },
      'attempted',
    );
    this.#settled.push({ delivery, at, attempted, verdict: verdictOn(attempted, attempt, Math.random()) });
    await this.#write();
  }

  /** Undefined when it could not be sent from here, and is put off. */
  async #send(delivery: Claimed, at: Date): Promise<Attempted | undefined> {
    const { webhookId: id, endpointId, url, body, sealedSecrets } = delivery;
    try {
      const secrets = sealedSecrets.map((one) => this.#keyring.open('webhook-secret', endpointId, one));
      const headers = {
        'content-type': 'application/json',
        'user-agent': USER_AGENT,
        ...signatureHeaders({ id, at, body }, secrets),
      };
      return await this.#attempts.post(url, headers, body, this.#stopping.signal);
    } catch (error) {
      await this.#putOff(delivery, error);
      return undefined;
    }
  }

  /** What is wrong is on our side, such as a key that this process was not given: it counts as no attempt. */
  async #putOff(delivery: Claimed, error: unknown): Promise<void> {
    this.#log.warn(
      { delivery: delivery.id, endpoint: delivery.endpointId, reason: reasonOf(error) },
      'no attempt could be made',
    );
    // Where this fails too the lease runs out.
    await putOff(this.#database, delivery, PUT_OFF_MS).catch(() => undefined);
  }

  /** While one transaction is under way the next gathers. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const settled = this.#settled;
      if (settled.length === 0) return;
      this.#settled = [];
      await this.#settle(settled);
    });
    return this.#writing;
  }

  /** What cannot be written down together is written down one by one: what is wrong with one is not held against the others. */
  async #settle(settled: readonly Settlement[]): Promise<void> {
    try {
      const disabled = await settle(this.#database, settled, this.#options.disableAfterMs);
      for (const { id, storefrontId, why } of disabled)
        this.#log.warn({ endpoint: id, storefront: storefrontId, why }, 'an endpoint is disabled; its deliveries wait');
    } catch (error) {
      if (settled.length > 1) {
        for (const one of settled) await this.#settle([one]);
        return;
      }
      // The lease runs out, and it is delivered once more.
      this.#log.warn(
        { err: error, delivery: settled[0]?.delivery.id },
        'could not write down what became of a delivery',
      );
    }
  }
}
