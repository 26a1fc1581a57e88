/** The books of the sandbox provider: `GET /ledger`, as sandbox/README.md describes it. */
import Type, { Compile } from '../../shared/messaging/typebox.js';
import { ask } from './ask.js';
import { type BookEntry, ProviderBooks } from './provider-books.js';

/**
 * @param urls of the payment provider and the carrier, which may be one
 * @throws {NoEvidence} when one of them has no ledger to show
 */
export async function sandboxBooks(urls: readonly string[]): Promise<ProviderBooks> {
  const ledgers: BookEntry[][] = [];
  for (const url of new Set(urls)) {
    const text = await ask(new URL('ledger', url.endsWith('/') ? url : `${url}/`), REMEDY);
    ledgers.push(text.split('\n').flatMap((line) => (line === '' ? [] : entryOf(JSON.parse(line)))));
  }
  return new ProviderBooks(ledgers.flat());
}

const REMEDY = 'a provider of your own needs an adapter of its own (docs/audit.md); --without provider leaves it out';

const Entry = Compile(
  Type.Object({
    kind: Type.String(),
    orderId: Type.String(),
    idempotencyKey: Type.String(),
    id: Type.Optional(Type.String()),
    amount: Type.Optional(Type.Number()),
    currency: Type.Optional(Type.String()),
    authorizationIds: Type.Optional(Type.Array(Type.String())),
    trackingNumbers: Type.Optional(Type.Array(Type.String())),
  }),
);

/** None for what changed nothing: a refusal, or that there was nothing to do. */
function entryOf(line: unknown): BookEntry[] {
  const entry = Entry.Parse(line);
  const { orderId, idempotencyKey, id = '', amount = 0, currency = '' } = entry;
  const { authorizationIds = [], trackingNumbers = [] } = entry;
  const by = { orderId, idempotencyKey };
  switch (entry.kind) {
    case 'authorized':
      return [{ ...by, kind: entry.kind, id, amount, currency }];
    case 'captured':
    case 'voided':
      return [{ ...by, kind: entry.kind, amount, currency, authorizationIds }];
    case 'refunded':
      return [{ ...by, kind: entry.kind, amount, currency }];
    case 'labelled':
      return [{ ...by, kind: entry.kind, trackingNumbers }];
    case 'label_cancelled':
      return [{ ...by, kind: 'label-cancelled', trackingNumbers }];
    case 'key_reused':
      return [{ ...by, kind: 'key-reused' }];
    default:
      return [];
  }
}
