/**
 * Publishes with confirms and `mandatory`, and keeps nothing: what is not confirmed is still in the outbox (or unacked),
 * and whoever holds it there publishes it again.
 */
import { type ChannelModel, type ConfirmChannel, IllegalOperationError, type Message as Returned } from 'amqplib';
import { type Packet, textOf } from '../messaging/wire.js';
import { aboutMessage } from '../observability/about-message.js';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import { within } from '../observability/shutdown.js';
import { Answers, type PublishOutcome } from './answers.js';
import type { BrokerConnection } from './connection.js';

const CONFIRM_TIMEOUT_MS = 10_000;
/** Messages without an answer at once; beyond, publishing waits. */
const WINDOW = 4096;
const REOPEN_MS = 500;
const CLOSE_MS = 2000;

export class Publisher {
  readonly #connection: Pick<BrokerConnection, 'listen' | 'blocked'>;
  readonly #log: Logger;
  #model: ChannelModel | undefined;
  #channel: ConfirmChannel | undefined;
  /** Returned and not yet confirmed, counted by where each was sent and its message id. */
  readonly #returned = new Map<string, number>();
  #unanswered = 0;
  #room: (() => void)[] = [];
  #closed = false;

  constructor(connection: Pick<BrokerConnection, 'listen' | 'blocked'>, log: Logger) {
    this.#connection = connection;
    this.#log = log;
    connection.listen({
      connected: (model) => {
        this.#model = model;
        void this.#open(model);
      },
      disconnected: () => {
        this.#model = undefined;
        this.#channel = undefined;
      },
    });
  }

  /** True when a message published now would reach the broker. */
  get ready(): boolean {
    return this.readiness() === true;
  }

  /** True, or why a message published now would not reach the broker. */
  readiness(): true | string {
    if (this.#channel === undefined) return 'not connected';
    if (this.#connection.blocked) return 'connected, but the broker takes no messages: a memory or disk alarm';
    return true;
  }

  /** Publishes all and returns what became of each, in their order. Never rejects. */
  async publish(packets: readonly Packet[]): Promise<PublishOutcome[]> {
    const parts: Promise<PublishOutcome[]>[] = [];
    for (let sent = 0; sent < packets.length; ) {
      // Others may have taken the room that woke this one.
      while (this.#unanswered >= WINDOW) await this.#waitForRoom();
      const part = packets.slice(sent, sent + WINDOW - this.#unanswered);
      parts.push(this.#publishPart(part));
      sent += part.length;
    }
    return (await Promise.all(parts)).flat();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const channel = this.#channel;
    this.#channel = undefined;
    // A broker that reads no more never answers.
    if (channel !== undefined) await within(CLOSE_MS, channel.close());
  }

  #publishPart(packets: readonly Packet[]): Promise<PublishOutcome[]> {
    const channel = this.#channel;
    if (channel === undefined || this.#connection.blocked) return Promise.resolve(packets.map(() => 'unknown'));
    this.#unanswered += packets.length;
    const answers = new Answers(packets.length, CONFIRM_TIMEOUT_MS, () => {
      this.#unanswered -= 1;
      for (const waiting of this.#room.splice(0)) waiting();
    });
    packets.forEach((packet, index) => {
      const { exchange, routingKey, content, messageId } = packet;
      try {
        channel.publish(exchange, routingKey, content, optionsOf(packet), (refused) => {
          // The broker returns an unroutable message first and then confirms it: the return decides.
          const returned = this.#returned.size > 0 && this.#takeReturned(returnKey(exchange, routingKey, messageId));
          answers.settle(index, returned ? 'returned' : refused ? 'unknown' : 'confirmed');
        });
      } catch (error) {
        // A closed channel says so by a class of its own; anything else is about the message.
        answers.settle(index, error instanceof IllegalOperationError ? 'unknown' : 'unsendable');
      }
    });
    return answers.all;
  }

  async #open(model: ChannelModel): Promise<void> {
    try {
      const channel = await model.createConfirmChannel();
      channel.on('return', ({ properties, fields }: Returned) => {
        const key = returnKey(fields.exchange, fields.routingKey, textOf(properties.messageId));
        this.#returned.set(key, (this.#returned.get(key) ?? 0) + 1);
        this.#log.warn(
          {
            ...aboutMessage({
              messageId: textOf(properties.messageId),
              correlationId: textOf(properties.correlationId),
              headers: properties.headers ?? {},
            }),
            routingKey: fields.routingKey,
          },
          'no queue takes the message; run the release step',
        );
      });
      channel.on('error', (error) => this.#log.warn({ reason: error.message }, 'the publishing channel failed'));
      channel.on('close', () => {
        if (this.#channel === channel) this.#channel = undefined;
        this.#reopen(model);
      });
      this.#returned.clear();
      this.#channel = channel;
    } catch (error) {
      this.#log.warn({ reason: reasonOf(error) }, 'cannot open a publishing channel');
      this.#reopen(model);
    }
  }

  #reopen(model: ChannelModel): void {
    if (this.#closed || this.#model !== model) return;
    setTimeout(() => {
      if (!this.#closed && this.#model === model && this.#channel === undefined) void this.#open(model);
    }, REOPEN_MS).unref();
  }

  #takeReturned(key: string): boolean {
    const count = this.#returned.get(key) ?? 0;
    if (count > 1) this.#returned.set(key, count - 1);
    else this.#returned.delete(key);
    return count > 0;
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => this.#room.push(resolve));
  }
}

function optionsOf({ messageId, correlationId, type, headers }: Packet) {
  return {
    persistent: true,
    mandatory: true,
    contentType: 'application/json',
    ...(messageId === undefined ? {} : { messageId }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(type === undefined ? {} : { type }),
    headers,
  };
}

const returnKey = (exchange: string, routingKey: string, messageId: string | undefined): string =>
  `${exchange}\n${routingKey}\n${messageId ?? ''}`;
