/** Turns what a client sent into a request the provider can decide on. */
import { hash } from 'node:crypto';
import { InvalidRequest } from '../http.js';
import type { Api } from './entry.js';
import type { PaymentRequest } from './payments.js';
import type { ShipmentRequest } from './shipments.js';

export type ProviderRequest = PaymentRequest | ShipmentRequest;

type Body = Readonly<Record<string, unknown>>;

interface Post {
  api: Api;
  /** @throws InvalidRequest naming the member that is wrong. */
  parse(body: Body): ProviderRequest;
}

/** The POST requests of both APIs by path. */
export const POSTS: ReadonlyMap<string, Post> = new Map<string, Post>([
  ['/payments/authorizations', { api: 'payments', parse: authorization }],
  ['/payments/captures', { api: 'payments', parse: (body) => ({ step: 'capture', ...orderAndAmount(body) }) }],
  ['/payments/voids', { api: 'payments', parse: (body) => ({ step: 'void', orderId: text(body, 'orderId') }) }],
  ['/payments/refunds', { api: 'payments', parse: (body) => ({ step: 'refund', ...orderAndAmount(body) }) }],
  ['/shipments', { api: 'shipments', parse: shipment }],
  ['/shipments/cancel', { api: 'shipments', parse: (body) => ({ step: 'cancel', orderId: text(body, 'orderId') }) }],
]);

const KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws InvalidRequest when the header is missing, too long or has other than printable ASCII characters. */
export function parseIdempotencyKey(header: string | string[] | undefined): string {
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new InvalidRequest(
    'Idempotency-Key must be given once, as 1 to 255 printable ASCII characters without spaces.',
  );
}

/** @throws InvalidRequest when the body is not a JSON object. */
export function asObject(body: unknown): Body {
  if (isObject(body)) return body;
  throw new InvalidRequest('The body must be a JSON object.');
}

/** Equal for equal paths and JSON values, in whatever order members stand. */
export function fingerprint(path: string, body: unknown): string {
  return hash('sha256', `${path} ${canonical(body)}`, 'base64url').slice(0, 22);
}

/** @throws InvalidRequest when the value is not a string of 1 to 255 characters. */
function text(from: Body, member: string): string {
  const value = from[member];
  if (typeof value === 'string' && value.length >= 1 && value.length <= 255) return value;
  throw new InvalidRequest(`${member} must be a string of 1 to 255 characters.`);
}

function authorization(body: Body): ProviderRequest {
  const currency = text(body, 'currency');
  if (!/^[A-Z]{3}$/.test(currency)) throw new InvalidRequest('currency must be an ISO 4217 code such as GBP.');
  return { step: 'authorize', ...orderAndAmount(body), currency, token: text(body, 'token') };
}

function shipment(body: Body): ProviderRequest {
  const { address, lines } = body;
  if (!isObject(address)) throw new InvalidRequest('address must be an object.');
  if (!Array.isArray(lines) || lines.length === 0) throw new InvalidRequest('lines must be an array of at least one.');
  for (const line of lines) {
    text(asObject(line), 'sku');
    positive(asObject(line), 'quantity');
  }
  return { step: 'ship', orderId: text(body, 'orderId') };
}

function orderAndAmount(body: Body): { orderId: string; amount: number } {
  return { orderId: text(body, 'orderId'), amount: positive(body, 'amount') };
}

function positive(from: Body, member: string): number {
  const value = from[member];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidRequest(`${member} must be a positive integer.`);
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((member) => `${JSON.stringify(member)}:${canonical(value[member])}`).join()}}`;
}
