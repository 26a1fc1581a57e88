/**
 * Holds a connection to one of the broker's nodes. amqp-connection-manager finds the node and reconnects; the channels on
 * it, their acks and their recovery are ours, since its own channels acknowledge on whatever channel is current.
 */
import { Socket } from 'node:net';
import { AmqpConnectionManagerClass } from 'amqp-connection-manager';
import type { ChannelModel } from 'amqplib';
import type { Logger } from '../observability/log.js';
import { gatherWrites } from '../sockets/gather-writes.js';
import { connectReason, tlsOf } from '../sockets/tls.js';
import { survivesDeepHeaders } from './deep-headers.js';

const HEARTBEAT_S = 10;
const FIRST_RECONNECT_S = 0.2;
const LONGEST_RECONNECT_S = 15;
const CONNECT_TIMEOUT_MS = 10_000;

export interface ConnectionEvents {
  /** A connection is up: make channels anew. */
  readonly connected: (connection: ChannelModel) => void;
  /** The connection is gone, with all its channels. */
  readonly disconnected?: (reason: string) => void;
}

export class BrokerConnection {
  readonly #manager: AmqpConnectionManagerClass;
  readonly #listeners: ConnectionEvents[] = [];
  #failures = 0;
  #blocked: string | undefined;

  /**
   * @param urls nodes of the cluster, tried in turn
   * @param name shown in the broker's list of connections
   */
  constructor(urls: readonly string[], name: string, log: Logger) {
    this.#manager = new AmqpConnectionManagerClass([...urls], {
      heartbeatIntervalInSeconds: HEARTBEAT_S,
      reconnectTimeInSeconds: FIRST_RECONNECT_S,
      connectionOptions: {
        // Without it Nagle and delayed acks cost 40 ms a hop.
        noDelay: true,
        keepAlive: true,
        timeout: CONNECT_TIMEOUT_MS,
        // The nodes of a cluster are verified alike.
        ...tlsOf(urls[0] ?? 'amqp:'),
        clientProperties: { connection_name: name },
      },
    });
    this.#manager.on('connect', ({ connection }) => {
      this.#failures = 0;
      this.#blocked = undefined;
      log.info({ connection: name }, 'connected to the broker');
      // The manager's type names the inner connection; what it passes is the model that makes channels.
      const model = connection as unknown as ChannelModel;
      // The socket is not part of amqplib's types; without it every frame is a system call, and nothing else changes.
      const { stream } = model.connection as { readonly stream?: unknown };
      if (stream instanceof Socket) gatherWrites(stream);
      survivesDeepHeaders(model.connection);
      for (const listener of this.#listeners) listener.connected(model);
    });
    this.#manager.on('disconnect', ({ err }) => {
      this.#backOff();
      log.warn({ connection: name, reason: err?.message }, 'lost the broker');
      for (const listener of this.#listeners) listener.disconnected?.(err?.message ?? 'closed');
    });
    this.#manager.on('connectFailed', ({ err }) => {
      this.#backOff();
      if (this.#failures === 1 || this.#failures % 10 === 0) {
        log.warn(
          { connection: name, failures: this.#failures, reason: connectReason(err, 'RABBITMQ') },
          'cannot reach the broker; trying on',
        );
      }
    });
    this.#manager.on('blocked', ({ reason }) => {
      this.#blocked = reason;
      log.warn({ connection: name, reason }, 'the broker takes no messages: a memory or disk alarm');
    });
    this.#manager.on('unblocked', () => {
      this.#blocked = undefined;
      log.info({ connection: name }, 'the broker takes messages again');
    });
  }

  /** Listens for connections, the present one included. */
  listen(events: ConnectionEvents): void {
    this.#listeners.push(events);
    if (this.#manager.connection !== undefined) events.connected(this.#manager.connection);
  }

  /** Starts connecting, and goes on in the background until `close`. */
  open(): void {
    void this.#manager.connect().catch(() => undefined);
  }

  get connected(): boolean {
    return this.#manager.isConnected();
  }

  /** True while an alarm keeps the broker from taking messages. */
  get blocked(): boolean {
    return this.#blocked !== undefined;
  }

  async close(): Promise<void> {
    await this.#manager.close().catch(() => undefined);
  }

  /** Doubles the wait at each failure, with jitter, so that a fleet does not come back all at once. */
  #backOff(): void {
    const longest = Math.min(FIRST_RECONNECT_S * 2 ** this.#failures, LONGEST_RECONNECT_S);
    this.#failures += 1;
    this.#manager.reconnectTimeInSeconds = longest * (0.5 + Math.random() / 2);
  }
}
