/** The messages of the flow, by their names on the wire: what each carries, and how one is made and read. */
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';

const OrderId = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });
const Line = Type.Object({ sku: Type.String({ minLength: 1 }), quantity: Type.Integer({ minimum: 1 }) });
export type Line = Static<typeof Line>;
const PricedLine = Type.Object({ ...Line.properties, unitPrice: Type.Integer({ minimum: 0 }) });
export type PricedLine = Static<typeof PricedLine>;
/** In minor units. */
const Money = Type.Object({ amount: Type.Integer({ minimum: 0 }), currency: Type.String({ pattern: '^[A-Z]{3}$' }) });
export type Money = Static<typeof Money>;
const Customer = Type.Object({ name: Type.String({ minLength: 1 }), email: Type.String({ minLength: 3 }) });
export type Customer = Static<typeof Customer>;
const Address = Type.Object({
  line1: Type.String({ minLength: 1 }),
  line2: Type.Optional(Type.String()),
  city: Type.String({ minLength: 1 }),
  region: Type.Optional(Type.String()),
  postalCode: Type.String({ minLength: 1 }),
  country: Type.String({ pattern: '^[A-Z]{2}$' }),
});
export type Address = Static<typeof Address>;
const CancelReason = Type.Union([Type.Literal('out-of-stock'), Type.Literal('payment-declined')]);
export type CancelReason = Static<typeof CancelReason>;

const about = <P extends Type.TProperties>(properties: P) => Compile(Type.Object({ orderId: OrderId, ...properties }));

/** A name is owner and event; the owner's exchange carries it. */
const VALIDATORS = {
  'orders.order-placed': about({
    customer: Customer,
    shippingAddress: Address,
    lines: Type.Array(PricedLine, { minItems: 1 }),
    total: Money,
  }),
  'orders.order-confirmed': about({ customer: Customer, lines: Type.Array(PricedLine), total: Money }),
  'orders.order-ready': about({ customer: Customer, shippingAddress: Address, lines: Type.Array(Line) }),
  'orders.order-cancelled': about({ customer: Customer, reason: CancelReason, lines: Type.Array(Line) }),
  'inventory.stock-reserved': about({ lines: Type.Array(Line) }),
  'inventory.stock-reservation-failed': about({ missing: Type.Array(Type.String()) }),
  'inventory.stock-released': about({ lines: Type.Array(Line) }),
  'payment.payment-authorized': about({ amount: Money, authorizationId: Type.String() }),
  'payment.payment-declined': about({ reason: Type.String() }),
  'payment.payment-captured': about({ amount: Money }),
  'payment.payment-voided': about({}),
  'shipping.order-shipped': about({
    customer: Customer,
    carrier: Type.String(),
    trackingNumber: Type.String(),
    lines: Type.Array(Line),
  }),
};

export type MessageName = keyof typeof VALIDATORS;
export type Payloads = { readonly [N in MessageName]: ReturnType<(typeof VALIDATORS)[N]['Parse']> };

/** A message that is not stored yet. */
export type Outgoing = {
  readonly [N in MessageName]: { readonly name: N; readonly payload: Payloads[N] };
}[MessageName];

/** As it stands in the event log and goes over the wire. */
export type Message = Outgoing & {
  readonly id: string;
  readonly causationId: string | null;
};

export const newMessage = (outgoing: Outgoing, causationId: string | null): Message => ({
  ...outgoing,
  id: v7(),
  causationId,
});

export const exchangeOf = (name: string): string => name.slice(0, name.indexOf('.'));

/** Undefined for a name that nobody knows, or a payload that is not as that name's must be. */
export function outgoingOf(name: string, payload: unknown): Outgoing | undefined {
  if (!isName(name) || !VALIDATORS[name].Check(payload)) return undefined;
  // Its own validator has just approved of the payload, which the compiler cannot follow through the table.
  return { name, payload } as Outgoing;
}

const isName = (name: string): name is MessageName => Object.hasOwn(VALIDATORS, name);
