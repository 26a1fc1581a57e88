/** A webhook endpoint as its storefront sees it, and where it stands in the database. */
import { randomBytes } from 'node:crypto';
import { validate } from 'uuid';
import Type from '../../shared/messaging/typebox.js';
import { ORDER_WEBHOOKS } from '../../workers/webhooks/messages.js';
import { oneLine } from '../one-line-text.js';
import { Problem } from '../problem.js';

/** What an endpoint may want to be told; none means everything, also what is published one day. */
export const Types = Type.Array(Type.Union(ORDER_WEBHOOKS.map((type) => Type.Literal(type))), {
  maxItems: ORDER_WEBHOOKS.length,
  uniqueItems: true,
});

export const Url = oneLine(2000);
export const Description = oneLine(200);

export const EndpointPath = Type.Object({ id: Type.String() });

const properties = {
  id: Type.String(),
  url: Type.String(),
  description: Type.Optional(Type.String()),
  types: Type.Array(Type.String()),
  status: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]),
  /** By the storefront itself, because it answered 410, or after days of failures. */
  disabledWhy: Type.Optional(Type.String()),
  disabledAt: Type.Optional(Type.String()),
  failingSince: Type.Optional(Type.String()),
  /** Until when the secret before the present one signs as well. */
  previousSecretUntil: Type.Optional(Type.String()),
  createdAt: Type.String(),
};
export const Endpoint = Type.Object(properties);
export type Endpoint = Type.Static<typeof Endpoint>;
/** Shown when the secret is made, and never again. */
export const EndpointWithSecret = Type.Object({ ...properties, secret: Type.String() });

export interface EndpointRow {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly string[];
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly disabledWhy: string | null;
  readonly failingSince: Date | null;
  readonly previousUntil: Date | null;
}

export const ENDPOINT_COLUMNS = `id, url, description, types, created_at as "createdAt", disabled_at as "disabledAt",
  disabled_why as "disabledWhy", failing_since as "failingSince",
  case when previous_until > now() then previous_until end as "previousUntil"`;

export function endpointOf(row: EndpointRow): Endpoint {
  const { id, url, description, types, createdAt, disabledAt, disabledWhy, failingSince, previousUntil } = row;
  return {
    id,
    url,
    ...(description === null ? {} : { description }),
    types: [...types],
    status: disabledAt === null ? 'enabled' : 'disabled',
    ...(disabledWhy === null ? {} : { disabledWhy }),
    ...(disabledAt === null ? {} : { disabledAt: disabledAt.toISOString() }),
    ...(failingSince === null ? {} : { failingSince: failingSince.toISOString() }),
    ...(previousUntil === null ? {} : { previousSecretUntil: previousUntil.toISOString() }),
    createdAt: createdAt.toISOString(),
  };
}

/** 256 random bits, as the Standard Webhooks specification writes them. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** @throws {Problem} `webhook-endpoint.not-found` for what is no id */
export function endpointIdOf({ id }: { readonly id: string }): string {
  if (!validate(id)) throw endpointNotFound();
  return id;
}

/** Another's endpoint is none. */
export const endpointNotFound = (): Problem =>
  new Problem('webhook-endpoint.not-found', 'Your storefront has no webhook endpoint with this id.');
