/**
 * Publishes with confirms and `mandatory`, and keeps nothing: what is not confirmed is still in the outbox (or unacked),
 * and whoever holds it there publishes it again.
 */
import type { ChannelModel, ConfirmChannel, Message as Returned } from 'amqplib';
import type { Packet } from '../messaging/wire.js';
import type { Logger } from '../observability/log.js';
import type { BrokerConnection } from './connection.js';

/**
 * - `confirmed`: every queue it was routed to has it on disk.
 * - `returned`: no queue is bound; the topology is not declared.
 * - `unknown`: no channel, refused, or no answer in time. It may have arrived: publish it again with the same id.
 */
export type PublishOutcome = 'confirmed' | 'returned' | 'unknown';

const CONFIRM_TIMEOUT_MS = 10_000;
/** Messages without an answer at once; beyond, publishing waits. */
const WINDOW = 4096;
const REOPEN_MS = 500;

interface Pending {
  readonly settle: (outcome: PublishOutcome) => void;
}

export class Publisher {
  readonly #connection: BrokerConnection;
  readonly #log: Logger;
  #model: ChannelModel | undefined;
  #channel: ConfirmChannel | undefined;
  /** By a key of our own that travels as the message id, or stands in for it. */
  readonly #returned = new Set<string>();
  #unanswered = 0;
  #room: (() => void)[] = [];
  #closed = false;

  constructor(connection: BrokerConnection, log: Logger) {
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
    return this.#channel !== undefined && !this.#connection.blocked;
  }

  /** Messages published and not answered yet. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Publishes all and returns what became of each, in their order. Never rejects. */
  async publish(packets: readonly Packet[]): Promise<PublishOutcome[]> {
    const answers: Promise<PublishOutcome>[] = [];
    for (const packet of packets) {
      if (this.#unanswered >= WINDOW) await this.#waitForRoom();
      answers.push(this.#publishOne(packet));
    }
    return Promise.all(answers);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#channel?.close().catch(() => undefined);
    this.#channel = undefined;
  }

  #publishOne(packet: Packet): Promise<PublishOutcome> {
    const channel = this.#channel;
    if (channel === undefined || this.#connection.blocked) return Promise.resolve('unknown');
    return new Promise((resolve) => {
      this.#unanswered += 1;
      const pending: Pending = {
        settle: (outcome) => {
          if (timer === undefined) return;
          clearTimeout(timer);
          timer = undefined;
          this.#unanswered -= 1;
          for (const waiting of this.#room.splice(0)) waiting();
          resolve(outcome);
        },
      };
      let timer: NodeJS.Timeout | undefined = setTimeout(() => pending.settle('unknown'), CONFIRM_TIMEOUT_MS);
      try {
        channel.publish(packet.exchange, packet.routingKey, packet.content, optionsOf(packet), (refused) => {
          // The broker returns an unroutable message first and then confirms it: the return decides.
          const returned = packet.messageId !== undefined && this.#returned.delete(packet.messageId);
          pending.settle(returned ? 'returned' : refused ? 'unknown' : 'confirmed');
        });
      } catch {
        pending.settle('unknown');
      }
    });
  }

  async #open(model: ChannelModel): Promise<void> {
    try {
      const channel = await model.createConfirmChannel();
      channel.on('return', ({ properties, fields }: Returned) => {
        this.#returned.add(String(properties.messageId));
        this.#log.warn(
          { messageId: properties.messageId, routingKey: fields.routingKey },
          'no queue takes the message; run the release step',
        );
      });
      channel.on('error', (error) => this.#log.warn({ reason: error.message }, 'the publishing channel failed'));
      channel.on('close', () => {
        if (this.#channel === channel) this.#channel = undefined;
        this.#reopen(model);
      });
      this.#channel = channel;
    } catch (error) {
      this.#log.warn({ reason: (error as Error).message }, 'cannot open a publishing channel');
      this.#reopen(model);
    }
  }

  #reopen(model: ChannelModel): void {
    if (this.#closed || this.#model !== model) return;
    setTimeout(() => {
      if (!this.#closed && this.#model === model && this.#channel === undefined) void this.#open(model);
    }, REOPEN_MS).unref();
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
