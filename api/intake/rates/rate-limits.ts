/**
 * Refuses whoever asks too often, before anything else is done for him: by his address, by his key once it is known, and by his
 * address again when what he sent in the place of a key was none.
 */
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { QuotaLedger } from '../../../shared/redis/quota-ledger.js';
import { rateRefused } from '../../metrics.js';
import { Problem } from '../../problem.js';
import { keyIdOf } from '../../storefronts/authentication.js';
import type { App } from '../../type-provider.js';
import { FleetQuotas } from './fleet-quotas.js';
import { networkOf } from './network.js';
import { RateLimit } from './rate-limit.js';

/** Requests a minute; 0 for as many as come. */
export interface Rates {
  /** With one key of a storefront. */
  readonly perKey: number;
  /** From one address, or one /64 of IPv6. */
  readonly perAddress: number;
  /** From one address, that were answered 401. */
  readonly failures: number;
}

export const NO_RATES: Rates = { perKey: 0, perAddress: 0, failures: 0 };

type Policy = 'key' | 'address' | 'failures';

export interface RateLimitsOptions {
  readonly rates: Rates;
  /** Without one, each process limits by itself. */
  readonly ledger?: Pick<QuotaLedger, 'settle'> | undefined;
  /** True for a request with a key that was valid when it was looked up last. */
  readonly isKnown: (request: FastifyRequest) => boolean;
}

const WINDOW_S = 60;

export class RateLimits {
  readonly #limits: Readonly<Record<Policy, RateLimit | undefined>>;
  readonly #fleet: FleetQuotas | undefined;
  readonly #isKnown: RateLimitsOptions['isKnown'];
  readonly #refusals = new Map<string, Problem>();

  constructor({ rates, ledger, isKnown }: RateLimitsOptions) {
    const limit = (name: Policy, requests: number) =>
      requests === 0 ? undefined : new RateLimit({ name, requests, windowS: WINDOW_S });
    this.#limits = {
      key: limit('key', rates.perKey),
      address: limit('address', rates.perAddress),
      failures: limit('failures', rates.failures),
    };
    const limits = Object.values(this.#limits).flatMap((one) => one ?? []);
    this.#fleet = ledger === undefined ? undefined : new FleetQuotas(limits, ledger);
    this.#isKnown = isKnown;
  }

  /** On every route that is added from now on: before all else, and once it is answered. */
  guardAddresses(app: App): void {
    app.addHook('onRequest', this.#checkAddress);
    app.addHook('onResponse', this.#noteFailure);
  }

  /** On every route that is added from now on: once the key is known, and before the body is read. */
  guardKeys(app: App): void {
    app.addHook('onRequest', this.#checkKey);
  }

  close(): void {
    this.#fleet?.close();
  }

  readonly #checkAddress = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const { address, failures } = this.#limits;
    if (address === undefined && failures === undefined) {
      done();
      return;
    }
    const [network, nowMs] = [networkOf(request.ip), performance.now()];
    const waitMs = failures?.waitMs(network, nowMs) ?? 0;
    // A key that was good is not guessed, and its owner not shut out by somebody who shares his address.
    if (waitMs > 0 && !this.#isKnown(request)) {
      done(this.#refusal('failures', waitMs, reply));
      return;
    }
    const afterMs = address === undefined ? 0 : this.#take(address, network, nowMs).afterMs;
    done(afterMs > 0 ? this.#refusal('address', afterMs, reply) : undefined);
  };

  readonly #checkKey = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const { key } = this.#limits;
    if (key === undefined) {
      done();
      return;
    }
    const { remaining, afterMs } = this.#take(key, keyIdOf(request), performance.now());
    if (afterMs === 0) reply.header('ratelimit-policy', policyOf(key)).header('ratelimit', `"key";r=${remaining}`);
    done(afterMs === 0 ? undefined : this.#refusal('key', afterMs, reply));
  };

  readonly #noteFailure = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const { failures } = this.#limits;
    if (reply.statusCode === 401 && failures !== undefined)
      this.#take(failures, networkOf(request.ip), performance.now());
    done();
  };

  #take(limit: RateLimit, caller: string, nowMs: number) {
    const taken = limit.take(caller, nowMs);
    this.#fleet?.note();
    return taken;
  }

  /** Each is made once: an error's stack costs more than the rest of a refusal. */
  #refusal(policy: Policy, afterMs: number, reply: FastifyReply): Problem {
    rateRefused.inc({ policy });
    const leastS = Math.ceil(afterMs / 1000);
    // Spread, so that those who are refused together do not come back together.
    const afterS = leastS + Math.floor(Math.random() * (leastS + 1));
    const limit = this.#limits[policy];
    if (limit !== undefined) reply.header('ratelimit-policy', policyOf(limit));
    reply.header('ratelimit', `"${policy}";r=0;t=${afterS}`);
    const name = `${policy} ${afterS}`;
    const made =
      this.#refusals.get(name) ?? new Problem('request.rate-limited', DETAILS[policy], { retryAfterS: afterS });
    this.#refusals.set(name, made);
    return made;
  }
}

/** As draft-ietf-httpapi-ratelimit-headers-10 has it, section 3. */
const policyOf = ({ quota: { name, requests, windowS } }: RateLimit): string => `"${name}";q=${requests};w=${windowS}`;

const DETAILS: Readonly<Record<Policy, string>> = {
  key: 'Too many requests with this key; nothing of this one was carried out. Try again later.',
  address: 'Too many requests from this address; nothing of this one was carried out. Try again later.',
  failures: 'Too many requests from this address without a valid key; this one was not looked at. Try again later.',
};
