/**
 * Where a page of orders ended. A cursor holds for the storefront and the filters it was given with: others are refused, and so is
 * what is no cursor of ours. It opens nothing: a storefront is shown its own orders, whatever the cursor says. Pure.
 */
import { createHash } from 'node:crypto';
import { parse } from 'uuid';

const ID_BYTES = 16;
const CHECK_BYTES = 8;
/** 24 bytes. */
const CURSOR = /^[\w-]{32}$/;

/** @param asked the storefront and the filters */
export function cursorAfter(orderId: string, asked: readonly unknown[]): string {
  return Buffer.concat([parse(orderId), checkOf(orderId, asked)]).toString('base64url');
}

/** The order that the page ended with; undefined when the cursor was not given for what is asked. */
export function orderAt(cursor: string, asked: readonly unknown[]): string | undefined {
  if (!CURSOR.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const check = bytes.subarray(ID_BYTES);
  const id = bytes.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return check.equals(checkOf(id, asked)) ? id : undefined;
}

const checkOf = (orderId: string, asked: readonly unknown[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([orderId, ...asked]))
    .digest()
    .subarray(0, CHECK_BYTES);
