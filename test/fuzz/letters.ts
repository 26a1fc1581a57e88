/** What became of hostile messages, by the inbox and the dead letters. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../shared/postgres/database.js';
import { UNADDRESSED } from '../../shared/postgres/dead-letters.js';
import type { Ending, HostileMessage } from './hostile-message.js';

const LOOK_EVERY_MS = 250;

/** One message at one actor. */
interface Arrival {
  readonly message: HostileMessage;
  /** Both in one. */
  readonly at: string;
}

export interface Judged {
  readonly message: HostileMessage;
  readonly end: Ending | 'lost';
  /** It is none of those that it may come to. */
  readonly fault: boolean;
}

export class Letters {
  readonly #database: Database;
  readonly #arrivals: readonly Arrival[];

  constructor(database: Database, messages: readonly HostileMessage[]) {
    this.#database = database;
    this.#arrivals = messages.flatMap((message) =>
      message.actors.map((actor) => ({ message, at: nameOf(actor, idOf(message)) })),
    );
  }

  /** Waits until something has become of all; returns those of which nothing has. */
  async settled(withinMs: number): Promise<readonly HostileMessage[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const left = (await this.ends()).filter(({ end }) => end === 'lost').map(({ message }) => message);
      if (left.length === 0 || performance.now() > deadline) return left;
      await pause(LOOK_EVERY_MS);
    }
  }

  async ends(): Promise<readonly Judged[]> {
    const filed = await this.#filed();
    const handled = await this.#handled();
    const allowed = new Set(this.#arrivals.flatMap(({ message, at }) => message.ends.map((end) => `${at}\n${end}`)));
    return this.#arrivals.map(({ message, at }): Judged => {
      const { ends } = message;
      const codes = filed.get(at) ?? [];
      if (ends.includes('ignored')) {
        // Another one under the same id may have been filed.
        const code = codes.find((one) => !allowed.has(`${at}\n${one}`));
        return { message, end: code ?? 'ignored', fault: code !== undefined };
      }
      const code = codes.find((one) => ends.includes(one)) ?? codes[0];
      const end = handled.has(at) && (ends.includes('handled') || code === undefined) ? 'handled' : (code ?? 'lost');
      return { message, end, fault: !ends.includes(end) };
    });
  }

  /** Letters of messages that nobody here has sent, or not as often. What waited behind one of its order is none of them. */
  async strangers(): Promise<readonly string[]> {
    const sent = new Map<string, number>();
    for (const { message, at } of this.#arrivals) sent.set(at, (sent.get(at) ?? 0) + message.times);
    const { rows } = await this.#letters();
    return rows
      .map((row) => ({ ...row, sent: sent.get(nameOf(row.actor, row.messageId)) ?? 0 }))
      .filter(({ code, occurrences, sent }) => code !== 'order.waits' && occurrences > sent)
      .map(({ actor, type, code, occurrences, sent }) =>
        sent === 0
          ? `a real ${type} became a dead letter of ${actor}: ${code}`
          : `a ${type} that was sent ${sent} times became a dead letter of ${actor} ${occurrences} times: ${code}`,
      );
  }

  /** Of all letters that stand. */
  async codes(): Promise<readonly string[]> {
    return [...new Set((await this.#letters()).rows.map(({ code }) => code))];
  }

  async #filed(): Promise<ReadonlyMap<string, readonly string[]>> {
    const filed = new Map<string, string[]>();
    for (const { actor, messageId, code } of (await this.#letters()).rows) {
      const at = nameOf(actor, messageId);
      filed.set(at, [...(filed.get(at) ?? []), code]);
    }
    return filed;
  }

  #letters() {
    return this.#database.query<{ actor: string; messageId: string; type: string; code: string; occurrences: number }>({
      text: 'select actor, replace(message_id, $1, \'\') as "messageId", type, error_code as code, occurrences from dead_letters',
      values: [UNADDRESSED],
    });
  }

  async #handled(): Promise<ReadonlySet<string>> {
    const ids = this.#arrivals.map(({ message }) => idOf(message)).filter((id) => UUID.test(id));
    const { rows } = await this.#database.query<{ actor: string; id: string }>({
      text: 'select actor, message_id as id from inbox where message_id = any($1::uuid[])',
      values: [ids],
    });
    return new Set(rows.map(({ actor, id }) => nameOf(actor, id)));
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const nameOf = (actor: string, id: string): string => `${actor}\n${id}`;

/** What has to be known of a message to tell what became of it: its body may be long. */
export function remembered(message: HostileMessage): HostileMessage {
  const properties = { ...message.properties, messageId: idOf(message) };
  return { ...message, properties, content: Buffer.from(message.content.subarray(0, EXCERPT)) };
}

const EXCERPT = 200;

/** The id under which a letter of the message is filed. */
const idOf = ({ properties: { messageId }, content }: HostileMessage): string =>
  messageId === undefined || messageId === ''
    ? `sha256:${createHash('sha256').update(content).digest('hex')}`
    : messageId.replaceAll('\u0000', '\u2400');
