/** The user of a process at RabbitMQ, as the management API takes it. Pure. */
import type { ProcessNeeds } from './needs.js';

export const userOf = (prefix: string, process: string): string => `${prefix}-${process}`;

export interface UserPermissions {
  /** Regular expressions over names of queues and exchanges. Nothing is declared by a process: the release step does that. */
  readonly permissions: { readonly configure: string; readonly write: string; readonly read: string };
  /** Regular expressions over routing keys; an exchange without one takes all of them from whoever may write to it. */
  readonly topics: readonly { readonly exchange: string; readonly write: string; readonly read: string }[];
}

export function permissionsOf({ publishes, consumes }: ProcessNeeds): UserPermissions {
  return {
    permissions: {
      configure: NOTHING,
      write: only(publishes.map(({ exchange }) => exchange)),
      read: only(consumes),
    },
    topics: publishes.map(({ exchange, routingKeys }) => ({ exchange, write: only(routingKeys), read: NOTHING })),
  };
}

/** Nothing has an empty name but the default exchange, which is asked for as `amq.default`. */
const NOTHING = '^$';

const only = (names: readonly string[]): string =>
  names.length === 0 ? NOTHING : `^(${names.map((name) => name.replaceAll('.', '[.]')).join('|')})$`;
