/** What customers were really sent, by the server that took it. */
import Type, { Compile } from '../../shared/messaging/typebox.js';
import { grouped } from '../grouped.js';
import { ask } from './ask.js';

export interface SentMail {
  /** As its headers say; undefined when they say nothing. */
  readonly orderId: string | undefined;
  readonly occasion: string | undefined;
  /** Undefined: like no other mail. */
  readonly messageId: string | undefined;
  readonly to: readonly string[];
}

export class MailBox {
  readonly #byOrder: ReadonlyMap<string | undefined, readonly SentMail[]>;

  constructor(mails: Iterable<SentMail>) {
    this.#byOrder = grouped(mails, ({ orderId }) => orderId);
  }

  of(orderId: string): readonly SentMail[] {
    return this.#byOrder.get(orderId) ?? [];
  }

  get size(): number {
    return [...this.#byOrder.values()].reduce((sum, ofOrder) => sum + ofOrder.length, 0);
  }

  /** Mails that say of no order that they are about it. */
  get aboutNoOrder(): readonly SentMail[] {
    return this.#byOrder.get(undefined) ?? [];
  }

  /** Every order that a mail says it is about. */
  get orderIds(): readonly string[] {
    return [...this.#byOrder.keys()].filter((id) => id !== undefined);
  }
}

/**
 * All mails of the sandbox's mail sink, as sandbox/README.md describes it.
 * @throws {NoEvidence}
 */
export async function sinkMails(url: string): Promise<MailBox> {
  const mails: SentMail[] = [];
  for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
    const page = Page.Parse(JSON.parse(await ask(new URL(`/messages?limit=1000&cursor=${cursor}`, url), REMEDY)));
    for (const { orderId, occasion, messageId, to } of page.items)
      if (occasion !== TO_OURSELVES) mails.push({ orderId, occasion, messageId, to });
    cursor = page.nextCursor;
  }
  return new MailBox(mails);
}

/** The occasion of alerts, which no customer gets. */
const TO_OURSELVES = 'alert';
const REMEDY = '--without mail leaves it out';

const Page = Compile(
  Type.Object({
    items: Type.Array(
      Type.Object({
        orderId: Type.Optional(Type.String()),
        occasion: Type.Optional(Type.String()),
        messageId: Type.Optional(Type.String()),
        to: Type.Array(Type.String()),
      }),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
);
