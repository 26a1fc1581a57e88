/** A role at PostgreSQL and a user at RabbitMQ for each process, with what it needs and no more. */
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import { needs } from '../../api/needs.js';
import { ownName, variables } from '../../config/environment.js';
import { readVariables } from '../../config/variable.js';
import { webVariables } from '../../config/web-variables.js';
import { Database } from '../../shared/postgres/database.js';
import { applyRoles, rolesSql, rolesThere } from '../../shared/postgres/roles.js';
import { needsOfFleet, type ProcessNeeds } from '../../shared/privileges/needs.js';
import { roleOf } from '../../shared/privileges/postgres-role.js';
import { userOf } from '../../shared/privileges/rabbitmq-user.js';
import { scramVerifier } from '../../shared/privileges/scram.js';
import { Management, virtualHostOf } from '../../shared/rabbitmq/management.js';
import { applyUsers, type UserStep, userSteps, usersThere } from '../../shared/rabbitmq/users.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import type { Answer } from './command.js';

const { databaseUrl, rabbitmqUrls } = variables;
const NEEDED = { databaseUrl, rabbitmqUrls, rabbitmqManagementUrl: webVariables.rabbitmqManagementUrl };
/** 192 bits, in letters that need no escaping in a URL. */
const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;
/** Stands in a plan for what is drawn when it is applied. */
const DRAWN = '<a password of your own>';

export interface UsersWanted {
  /** Makes them, instead of saying how. */
  readonly apply?: true;
  /** What their names begin with. */
  readonly prefix: string;
}

/**
 * @param named get a new password
 * @throws {InvalidArgumentError} for a process that there is not
 */
export async function users(named: readonly string[], { apply, prefix }: UsersWanted): Promise<Answer> {
  const fleet = needsOfFleet(await loadWorkers(await workerNames()), needs);
  const stranger = named.find((name) => !fleet.some(({ process }) => process === name));
  if (stranger !== undefined) {
    const known = fleet.map(({ process }) => process).join(', ');
    throw new InvalidArgumentError(`There is no process ${stranger}; there are ${known}.`);
  }
  const given = readVariables(NEEDED, process.env);
  return apply === true ? applied(fleet, named, prefix, given) : planned(fleet, prefix, given);
}

type Given = ReturnType<typeof readVariables<typeof NEEDED>>;

/** Without asking anybody: for servers where roles are made by other hands. In between, processes would be let do nothing. */
function planned(fleet: readonly ProcessNeeds[], prefix: string, given: Given): Answer {
  const passwords = new Map(fleet.map(({ process }) => [process, DRAWN]));
  const { sql, steps } = worked(fleet, { prefix, given, passwords, verifiers: passwords, there: new Set() });
  const lines = [
    '-- PostgreSQL, as the owner of the tables:',
    ...['begin', ...sql, 'commit'].map((statement) => `${statement};`),
    '',
    '# RabbitMQ, by its management API as an administrator:',
    ...steps.map(
      ({ method, path, body }) =>
        `curl -u ADMINISTRATOR -X ${method} MANAGEMENT_URL${path} -d '${JSON.stringify(body)}'`,
    ),
  ];
  return { json: { sql, rabbitmq: steps }, lines };
}

async function applied(
  fleet: readonly ProcessNeeds[],
  named: readonly string[],
  prefix: string,
  given: Given,
): Promise<Answer> {
  if (given.rabbitmqManagementUrl === undefined)
    throw new InvalidArgumentError(
      'RABBITMQ_MANAGEMENT_URL is not set; without --apply the command says what to do by hand.',
    );
  const management = new Management(given.rabbitmqManagementUrl);
  const database = new Database({ url: given.databaseUrl, connections: 1, applicationName: 'warren topology users' });
  try {
    const there = await rolesThere(
      database,
      fleet.map(({ process }) => roleOf(prefix, process)),
    );
    const known = await usersThere(
      management,
      fleet.map(({ process }) => userOf(prefix, process)),
    );
    const passwords = new Map(
      fleet
        .map(({ process }) => process)
        .filter(
          (process) =>
            named.includes(process) || !there.has(roleOf(prefix, process)) || !known.has(userOf(prefix, process)),
        )
        .map((process) => [process, randomBytes(PASSWORD_BYTES).toString('base64url')]),
    );
    const verifiers = new Map(
      [...passwords].map(([process, password]) => [process, scramVerifier(password, randomBytes(SALT_BYTES))]),
    );
    const { sql, steps } = worked(fleet, { prefix, given, passwords, verifiers, there });
    await applyRoles(database, sql);
    await applyUsers(management, steps);
    const environment = environmentOf(passwords, prefix, given);
    return {
      json: { environment, renewed: fleet.map(({ process }) => process) },
      lines: [
        ...Object.entries(environment).map(([name, value]) => `${name}='${value}'`),
        '',
        passwords.size === 0
          ? `What ${fleet.length} processes may do is as it is declared; nobody's password has changed.`
          : 'These are shown this once. Give them to the processes, or all of them to the platform, and start the processes anew.',
      ],
    };
  } finally {
    await database.close();
  }
}

function worked(
  fleet: readonly ProcessNeeds[],
  {
    prefix,
    given,
    passwords,
    verifiers,
    there,
  }: {
    readonly prefix: string;
    readonly given: Given;
    readonly passwords: ReadonlyMap<string, string>;
    /** As PostgreSQL is told them. */
    readonly verifiers: ReadonlyMap<string, string>;
    readonly there: ReadonlySet<string>;
  },
): { readonly sql: string[]; readonly steps: UserStep[] } {
  const [broker = ''] = given.rabbitmqUrls;
  const database = decodeURIComponent(new URL(given.databaseUrl).pathname.slice(1));
  return {
    sql: rolesSql(fleet, { prefix, database, there, passwords: verifiers }),
    steps: userSteps(fleet, { prefix, virtualHost: virtualHostOf(broker), passwords }),
  };
}

/** The URLs of processes, under the names by which they take them before anybody else's. */
function environmentOf(passwords: ReadonlyMap<string, string>, prefix: string, given: Given): Record<string, string> {
  return Object.fromEntries(
    [...passwords].flatMap(([process, password]) => [
      [ownName(databaseUrl, process), as(given.databaseUrl, roleOf(prefix, process), password)],
      [
        ownName(rabbitmqUrls, process),
        given.rabbitmqUrls.map((url) => as(url, userOf(prefix, process), password)).join(),
      ],
    ]),
  );
}

/** What is set about TLS beside a URL stays beside it. */
function as(url: string, user: string, password: string): string {
  const parsed = new URL(url);
  parsed.username = user;
  parsed.password = password;
  for (const name of ['cacertfile', 'verify']) parsed.searchParams.delete(name);
  return parsed.href;
}
