/** The role of a process at PostgreSQL, as SQL: repeatable, and all of it in one transaction. Pure. */
import type { ProcessNeeds, TableNeed } from './needs.js';

export const roleOf = (prefix: string, process: string): string => `${prefix}_${process}`.replaceAll('-', '_');

/** Who may store which messages is looked at row by row: the relay and the scheduler publish whatever stands there. */
const GUARDED = ['event_log', 'timers'] as const;

/**
 * What all roles share: rows of the timers may be read and taken away as the grants say, and stored or changed by none yet. The event log
 * has policies for that from its migration; policies add up, so one that lets every row be seen would undo them.
 */
export const GUARD: readonly string[] = [
  'alter table timers enable row level security',
  ...(['select', 'delete'] as const).flatMap((verb) => [
    `drop policy if exists warren_${verb} on timers`,
    `create policy warren_${verb} on timers for ${verb} using (true)`,
  ]),
];

/** What the role may do and nothing else, whatever it was allowed before. @param role exists */
export function grantsTo(role: string, { tables, functions, messages }: ProcessNeeds, database: string): string[] {
  return [
    `revoke all on all tables in schema public from ${role}`,
    `grant connect on database ${quoted(database)} to ${role}`,
    `grant usage on schema public to ${role}`,
    ...tables.map((need) => `grant ${verbsOf(need)} on ${need.table} to ${role}`),
    ...functions.map((name) => `grant execute on function ${name} to ${role}`),
    ...GUARDED.flatMap((table) => [
      `drop policy if exists ${role}_stores on ${table}`,
      ...(messages.length === 0
        ? []
        : [`create policy ${role}_stores on ${table} for insert to ${role} with check (${isOneOf(messages)})`]),
    ]),
    `drop policy if exists ${role}_changes on timers`,
    ...(messages.length === 0
      ? []
      : [
          `create policy ${role}_changes on timers for update to ${role} using (true) with check (${isOneOf(messages)})`,
        ]),
  ];
}

export const createRole = (role: string, password: string): string =>
  `create role ${role} login password ${literal(password)}`;
export const changePassword = (role: string, password: string): string =>
  `alter role ${role} login password ${literal(password)}`;

function verbsOf({ verbs, columns }: TableNeed): string {
  const named = columns === undefined ? '' : ` (${columns.join(', ')})`;
  return verbs.map((verb) => `${verb}${named}`).join(', ');
}

const isOneOf = (types: readonly string[]): string => `type = any (array[${types.map(literal).join(', ')}])`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
