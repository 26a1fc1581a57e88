/** Makes and changes users of RabbitMQ through its management API, as an administrator. */
import type { ProcessNeeds } from '../privileges/needs.js';
import { permissionsOf, userOf } from '../privileges/rabbitmq-user.js';
import type { Management } from './management.js';

/** A call of the management API. */
export interface UserStep {
  readonly method: 'PUT';
  readonly path: string;
  readonly body?: object;
}

/** All of it, in its order. @param passwords of those that are made or get another, by process */
export function userSteps(fleet: readonly ProcessNeeds[], { prefix, virtualHost, passwords }: UsersWanted): UserStep[] {
  return fleet.flatMap((needs) => {
    const user = userOf(prefix, needs.process);
    const password = passwords.get(needs.process);
    const { permissions, topics } = permissionsOf(needs);
    const at = `${encodeURIComponent(virtualHost)}/${user}`;
    return [
      ...(password === undefined
        ? []
        : [put(`/api/users/${user}`, { password, tags: needs.process === 'web' ? 'monitoring' : '' })]),
      // First: an exchange that may be written to and has none of these takes every key.
      ...topics.map((topic) => put(`/api/topic-permissions/${at}`, topic)),
      put(`/api/permissions/${at}`, permissions),
    ];
  });
}

export interface UsersWanted {
  readonly prefix: string;
  readonly virtualHost: string;
  readonly passwords: ReadonlyMap<string, string>;
}

/** Which of these users are there. */
export async function usersThere(management: Management, users: readonly string[]): Promise<Set<string>> {
  const all = (await management.call('GET', '/api/users')) as { readonly name: string }[];
  return new Set(all.map(({ name }) => name).filter((name) => users.includes(name)));
}

export async function applyUsers(management: Management, steps: readonly UserStep[]): Promise<void> {
  for (const { method, path, body } of steps) await management.call(method, path, body);
}

const put = (path: string, body: object): UserStep => ({ method: 'PUT', path, body });
