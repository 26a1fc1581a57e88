/**
 * An operator's session in a browser: begun with a key, known by a token of its own that only the browser's cookie has, so a
 * cookie that leaks opens nothing for longer than the session lasts, and the key is never in it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../../shared/postgres/database.js';
import { hashOf } from '../api-key.js';
import type { Operator } from './operator.js';

/** A session ends so long after it began, in seconds. */
const SESSION_LASTS_S = 12 * 3600;

const COOKIE = 'warren_session';
const TOKEN = /^[\w-]{32}$/;

/** Begins a session and returns its token. Sessions that are over are cleared away with it. */
export async function beginSession(database: Database, operatorId: string): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await database.query({ text: 'delete from operator_sessions where expires_at < now()' });
  await database.query({
    text: `insert into operator_sessions (token_hash, operator_id, expires_at)
           values ($1, $2, now() + $3 * interval '1 second')`,
    values: [hashOf(token), operatorId, SESSION_LASTS_S],
  });
  return token;
}

export async function endSession(database: Database, token: string): Promise<void> {
  await database.query({ text: 'delete from operator_sessions where token_hash = $1', values: [hashOf(token)] });
}

/** Undefined when the session is over, or the operator's key is revoked. */
export async function operatorBySession(database: Database, hash: Buffer): Promise<Operator | undefined> {
  const { rows } = await database.query<Operator>({
    name: 'operator-by-session',
    text: `select operators.id, name, role from operator_sessions join operators on operators.id = operator_id
           where token_hash = $1 and expires_at > now() and revoked_at is null`,
    values: [hash],
  });
  return rows[0];
}

/** The token that the cookie of a request has; undefined without one. */
export function sessionTokenOf(cookie: string | undefined): string | undefined {
  const pairs = (cookie ?? '').split(';').map((pair) => pair.trim());
  const token = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/** The header that gives a browser its session. @param secure not over plain HTTP */
export const sessionCookie = (token: string, secure: boolean): string => cookieOf(token, SESSION_LASTS_S, secure);

/** The header that takes it away. */
export const noSessionCookie = (secure: boolean): string => cookieOf('', 0, secure);

/**
 * What a change has to carry in a header. It follows from the session's token, which no script and no other site can read; only
 * the console's own pages are told it.
 */
export const csrfTokenOf = (token: string): string => createHash('sha256').update(`csrf ${token}`).digest('base64url');

export function isCsrfTokenOf(token: string, given: unknown): boolean {
  const expected = Buffer.from(csrfTokenOf(token));
  const candidate = Buffer.from(typeof given === 'string' ? given : '');
  return candidate.length === expected.length && timingSafeEqual(candidate, expected);
}

const cookieOf = (value: string, maxAgeS: number, secure: boolean): string =>
  `${COOKIE}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
