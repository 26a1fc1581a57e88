/** The role of a process at PostgreSQL, as SQL: repeatable, and all of it in one transaction. Pure. */
import type { ProcessNeeds, TableNeed, Verb } from './needs.js';

export const roleOf = (prefix: string, process: string): string => `${prefix}_${process}`.replaceAll('-', '_');

/**
 * Tables whose rows are looked at one by one, since processes share them: in the order in which the runtime's transactions lock them, to
 * which the simulation holds them, so that whoever changes the rules waits for nobody who waits for him. Where a rarer transaction has
 * another order, he gives way (`applyRoles`).
 */
export const GUARDED = [
  ...(['crash_marks', 'replays', 'replay_messages', 'inbox', 'dead_letters', 'dead_letter_changes'] as const),
  ...(['timers', 'event_log', 'outbox', 'provider_circuits', 'instances'] as const),
] as const;
type Guarded = (typeof GUARDED)[number];

/**
 * Policies of the event log that migrations made; they bind every role, but for one that binds the owner of the tables. Another
 * would be dropped by `guard`.
 */
export const OF_MIGRATIONS = ['storefronts_own', 'stored_with_the_order', 'changed_by_warren', 'deleted_by_warren'];

/**
 * What all roles share: rows may be read as the grants say, and stored, changed or taken away by none yet. The event log has
 * policies for reading from its migration; policies add up, so one that lets every row be seen would undo them, and one that a release
 * before has left would undo those that are made anew. So all go that are for these roles or for everybody, whatever their names; those
 * for other roles alone are not ours.
 */
export function guard(roles: readonly string[]): string[] {
  return [
    `lock table ${GUARDED.join(', ')} in access exclusive mode`,
    `do $$ declare old record; begin
  for old in select tablename, policyname from pg_policies
    where schemaname = 'public' and ${isOneOf('tablename', GUARDED)}
      and roles && array['public', ${roles.map(literal).join(', ')}]::name[]
      and not (tablename = 'event_log' and ${isOneOf('policyname', OF_MIGRATIONS)})
  loop execute format('drop policy %I on %I', old.policyname, old.tablename); end loop;
end $$`,
    ...GUARDED.filter((table) => table !== 'event_log').flatMap((table) => [
      `alter table ${table} enable row level security`,
      `create policy warren_select on ${table} for select using (true)`,
    ]),
  ];
}

/** What the role may do and nothing else, whatever it was allowed before. @param role exists, and `guard` has taken its policies away */
export function grantsTo(role: string, needs: ProcessNeeds, database: string): string[] {
  const { tables, functions } = needs;
  const rules = rulesFor(needs);
  return [
    `revoke all on all tables in schema public from ${role}`,
    // Those that it holds: of a function of an extension, which may be another's, its owner alone takes anything away.
    `do $$ declare held record; begin
  for held in select oid::regprocedure as name from pg_proc where pronamespace = 'public'::regnamespace
    and exists (select from aclexplode(proacl) as given where given.grantee = ${literal(role)}::regrole)
  loop execute format('revoke all on function %s from ${role}', held.name); end loop;
end $$`,
    `grant connect on database ${quoted(database)} to ${role}`,
    `grant usage on schema public to ${role}`,
    ...tables.map((need) => `grant ${verbsOf(need)} on ${need.table} to ${role}`),
    ...functions.map((name) => `grant execute on function ${name} to ${role}`),
    ...GUARDED.flatMap((table) =>
      VERBS.flatMap((verb) => {
        const condition = rules[table][verb];
        const may = tables.some((need) => need.table === table && need.verbs.includes(verb));
        return !may || condition === undefined ? [] : [policy(`${role}_${verb} on ${table}`, verb, role, condition)];
      }),
    ),
  ];
}

const VERBS = ['select', 'insert', 'update', 'delete'] as const satisfies readonly Verb[];
type Rule = { readonly [verb in Verb]?: string };

/** Conditions for rows that the grants let a process touch. They name constants and are asked once a statement wherever that can be. */
function rulesFor({ process, actors, messages, sendsForOthers }: ProcessNeeds): Readonly<Record<Guarded, Rule>> {
  const own = actors.length === 0 ? ANY : isOneOf('actor', actors);
  const ownBy = (table: string, key: string): string =>
    actors.length === 0 ? ANY : `exists (select from ${table} where id = ${key} and ${own})`;
  const kept = ownBy('replays', 'replay_id');
  const sent = isOneOf('type', messages);
  const stored = 'stored_by = (select quote_ident(current_user)::regrole::oid)';
  const fired = sendsForOthers ? ANY : sent;
  const taken = sendsForOthers ? ANY : stored;
  const circuit = `actors <@ array[${actors.map(literal).join(', ')}]::text[]`;
  const itself = `kind = ${literal(process)}`;
  return {
    crash_marks: { insert: own, update: own, delete: own },
    replays: { update: own, insert: own, delete: own },
    replay_messages: { insert: kept, update: kept, delete: kept },
    inbox: { insert: own, delete: own },
    // What a letter says is read by nobody who has not got it.
    dead_letters: { select: own, insert: own, update: own },
    dead_letter_changes: { insert: ownBy('dead_letters', 'letter_id') },
    // The scheduler publishes whatever stands among the timers, and the relay whatever stands in the event log.
    timers: { insert: sent, update: fired, delete: fired },
    event_log: { insert: sent },
    outbox: { insert: stored, update: taken, delete: taken },
    provider_circuits: { insert: circuit, update: circuit, delete: circuit },
    // What is long gone the scheduler takes away.
    instances: { insert: itself, update: itself, delete: sendsForOthers ? ANY : itself },
  };
}

const ANY = 'true';

/** One for reading narrows what all may read, the others give. */
function policy(named: string, verb: Verb, role: string, condition: string): string {
  const clauses = {
    select: `using (${condition})`,
    insert: `with check (${condition})`,
    update: `using (${condition}) with check (${condition})`,
    delete: `using (${condition})`,
  };
  return `create policy ${named}${verb === 'select' ? ' as restrictive' : ''} for ${verb} to ${role} ${clauses[verb]}`;
}

/** @param password or, which the server's log may see, its verifier */
export const createRole = (role: string, password: string): string =>
  `create role ${role} login password ${literal(password)}`;
export const changePassword = (role: string, password: string): string =>
  `alter role ${role} login password ${literal(password)}`;

function verbsOf({ verbs, columns }: TableNeed): string {
  const named = columns === undefined ? '' : ` (${columns.join(', ')})`;
  return verbs.map((verb) => `${verb}${named}`).join(', ');
}

const isOneOf = (column: string, values: readonly string[]): string =>
  values.length === 1
    ? `${column} = ${values.map(literal).join()}`
    : `${column} = any (array[${values.map(literal).join(', ')}]::text[])`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
