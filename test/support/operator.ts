/** What an operator does: asks the API under `/operator/`. */
import { DEVELOPMENT } from '../../config/environment.js';

export interface OperatorAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** @param url of the intake @param key by default the one of development */
export async function operate(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  key: string = DEVELOPMENT.operatorKey,
): Promise<OperatorAnswer> {
  const response = await fetch(`${url}/operator${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
