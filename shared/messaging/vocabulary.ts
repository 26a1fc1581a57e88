/** The value types that several contracts share. */
import Type, { type Static, type TSchema } from './typebox.js';

/** UUID, lower case; ids made here are version 7, so they sort by time. */
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });

export const OrderId = Uuid;
export type OrderId = Static<typeof OrderId>;

/** Stock keeping unit, as the shop writes it. */
export const Sku = Type.String({ minLength: 1, maxLength: 64 });
export type Sku = Static<typeof Sku>;

/** Pieces, at least one. */
export const Quantity = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** What is taken from stock for an order; one line per SKU. */
export const Line = Type.Object({ sku: Sku, quantity: Quantity });
export type Line = Static<typeof Line>;

/** Amount in minor units (pence, cents) and ISO 4217 code. */
export const Money = Type.Object({
  amount: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
});
export type Money = Static<typeof Money>;

export const Customer = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  email: Type.String({ minLength: 3, maxLength: 254 }),
});
export type Customer = Static<typeof Customer>;

export const Address = Type.Object({
  line1: Type.String({ minLength: 1, maxLength: 200 }),
  line2: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  city: Type.String({ minLength: 1, maxLength: 100 }),
  region: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  postalCode: Type.String({ minLength: 1, maxLength: 20 }),
  country: Type.String({ pattern: '^[A-Z]{2}$' }),
});
export type Address = Static<typeof Address>;

/** What tells of a person, under the key of the order; whoever has no need of it passes it on as it is. */
export const Sealed = Type.Object({ sealed: Type.String({ pattern: '^[A-Za-z0-9_-]+$' }) });
export type Sealed = Static<typeof Sealed>;

/** What tells of a person: sealed, or plain as releases before that published it (to be dropped: 20261122115001). */
export const Personal = <S extends TSchema>(plain: S) => Type.Union([Sealed, plain]);
export type Personal<T> = Sealed | T;
