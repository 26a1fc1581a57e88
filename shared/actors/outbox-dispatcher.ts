/**
 * Sends stored messages at once, from the process that stored them, and forgets them when the broker has confirmed. What it
 * cannot send it drops: the outbox holds it, and the relay sends it when the lease has run out.
 */
import type { Message } from '../messaging/message.js';
import { encode } from '../messaging/wire.js';
import { failpoint, failpointAfterWrite } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { recordSent, type Sending } from '../observability/message-spans.js';
import { messagesDispatched } from '../observability/metrics.js';
import { reasonOf } from '../observability/reason.js';
import { nowMs, tracing } from '../observability/tracing.js';
import type { Database } from '../postgres/database.js';
import { forgetSent } from '../postgres/outbox.js';
import type { Publisher } from '../rabbitmq/publisher.js';

/** Confirmed messages are forgotten together: after this long, or at so many. */
const LINGER_MS = 100;
const FORGET_AT = 1000;
/** Messages being sent at once, and their size in characters; what comes on top is left to the relay. */
const SENDING_AT_MOST = 20_000;
const SENDING_SIZE_AT_MOST = 32 * 1024 * 1024;

export class OutboxDispatcher {
  readonly #publisher: Publisher;
  readonly #database: Database;
  readonly #log: Logger;
  #confirmed: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #forgetting: Promise<void> = Promise.resolve();
  readonly #sending = new Set<Promise<void>>();
  #unsettled = 0;
  #unsettledSize = 0;

  constructor(publisher: Publisher, database: Database, log: Logger) {
    this.#publisher = publisher;
    this.#database = database;
    this.#log = log;
  }

  /** Sends in the background; `flush` waits for it. Never rejects. */
  dispatch(messages: readonly Message[], sender: Sending['sender'] = 'producer'): void {
    if (messages.length === 0) return;
    if (!this.#publisher.ready || !this.#hasRoomFor(messages)) {
      messagesDispatched.inc({ outcome: 'left-to-relay' }, messages.length);
      return;
    }
    const sent = this.send(messages, sender).then(() => undefined);
    this.#sending.add(sent);
    void sent.finally(() => this.#sending.delete(sent));
  }

  /** Sends, and returns how many the broker confirmed. */
  async send(messages: readonly Message[], sender: Sending['sender'] = 'producer'): Promise<number> {
    const size = sizeOf(messages);
    const startMs = tracing === undefined ? 0 : nowMs();
    this.#unsettled += messages.length;
    this.#unsettledSize += size;
    const published = this.#publisher.publish(
      messages.map((message) => encode(message, tracing?.samples(message.correlationId))),
    );
    failpointAfterWrite('dispatch-published');
    const outcomes = await published;
    failpoint('dispatch-confirmed');
    if (tracing !== undefined)
      for (const [index, message] of messages.entries())
        recordSent(message, { sender, startMs, outcome: outcomes[index] });
    this.#unsettled -= messages.length;
    this.#unsettledSize -= size;
    const confirmed = messages.filter((_, index) => outcomes[index] === 'confirmed').map(({ id }) => id);
    for (const outcome of ['confirmed', 'returned', 'unknown'] as const) {
      const count = outcomes.filter((one) => one === outcome).length;
      if (count > 0) messagesDispatched.inc({ outcome }, count);
    }
    this.#confirmed.push(...confirmed);
    if (this.#confirmed.length >= FORGET_AT) this.#forget();
    else this.#timer ??= setTimeout(() => this.#forget(), LINGER_MS);
    return confirmed.length;
  }

  /** Waits until all that is being sent is confirmed or given up, and what was confirmed is forgotten. */
  async flush(): Promise<void> {
    await Promise.all(this.#sending);
    this.#forget();
    await this.#forgetting;
  }

  #hasRoomFor(messages: readonly Message[]): boolean {
    return (
      this.#unsettled + messages.length <= SENDING_AT_MOST &&
      this.#unsettledSize + sizeOf(messages) <= SENDING_SIZE_AT_MOST
    );
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ids = this.#confirmed.splice(0);
    if (ids.length === 0) return;
    // One after the other: at most one connection is ever taken by this.
    this.#forgetting = this.#forgetting.then(async () => {
      try {
        await forgetSent(this.#database, ids);
        failpoint('dispatch-forgotten');
      } catch (error) {
        this.#log.warn(
          { count: ids.length, reason: reasonOf(error) },
          'sent messages stay in the outbox; they will be sent again',
        );
      }
    });
  }
}

const sizeOf = (messages: readonly Message[]): number => messages.reduce((total, { body }) => total + body.length, 0);
