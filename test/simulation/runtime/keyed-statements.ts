/** The statements of keyed states and ledgers, which `shared/postgres` makes for each table: read by their shape. */
import type { Statement } from './statement.js';
import type { Row } from './tables.js';

const LOAD =
  /^select (?<columns>[\w, ]+) from (?<table>\w+) where (?<key>\w+) = any\(\$1::(?:uuid|text)\[\]\)(?: order by \w+ for no key update)?$/;
const INSERT = /^insert into (?<table>\w+) \((?<columns>[\w, ]+)\)\s+select key, version \+ 1/;
const UPDATE = /^update (?<table>\w+) as stored set version = stored\.version \+ 1(?<changes>[\s\S]*?)\s+from unnest/;
const APPEND = /^insert into (?<table>\w+) \((?<columns>id[\w, ]*)\)\s+select \* from unnest/;

/** What a statement does to which table, for people. */
export function titleOf(text: string): string {
  const [, verb = text.slice(0, 40), table = ''] =
    /^(select|insert|update|delete)(?:[\s\S]*? (?:from|into))? (\w+)/.exec(text) ?? [];
  return text.endsWith('for no key update') ? `lock ${table}` : `${verb} ${table}`.trim();
}

const known = new Map<string, Statement | undefined>();

export function keyedStatement(text: string): Statement | undefined {
  if (!known.has(text)) known.set(text, load(text) ?? insert(text) ?? update(text) ?? append(text));
  return known.get(text);
}

function load(text: string): Statement | undefined {
  const { table = '', columns = '' } = LOAD.exec(text)?.groups ?? {};
  if (table === '') return undefined;
  const names = columns.split(', ');
  return ({ tables }, keys: string[]) =>
    keys.flatMap((key) => {
      const row = tables.get(table, key);
      return row === undefined ? [] : [Object.fromEntries(names.map((name) => [name, row[name] ?? null]))];
    });
}

function insert(text: string): Statement | undefined {
  const { table = '', columns = '' } = INSERT.exec(text)?.groups ?? {};
  if (table === '') return undefined;
  const [key = '', , ...names] = columns.split(', ');
  return ({ tables }, keys: string[], versions: number[], ...values: unknown[][]) =>
    keys.flatMap((id, index) => {
      if (tables.get(table, id) !== undefined) return [];
      const row = { [key]: id, version: (versions[index] ?? 0) + 1, ...columnsOf(names, values, index) };
      tables.put(table, id, row);
      return [row];
    });
}

function update(text: string): Statement | undefined {
  const { table = '', changes = '' } = UPDATE.exec(text)?.groups ?? {};
  if (table === '') return undefined;
  const names = [...changes.matchAll(/, (\w+) = changed\.\w+/g)].map(([, name = '']) => name);
  return ({ tables }, keys: string[], versions: number[], ...values: unknown[][]) =>
    keys.flatMap((id, index) => {
      const stored = tables.get(table, id);
      const version = versions[index] ?? 0;
      if (stored?.['version'] !== version) return [];
      const changed = { ...stored, ...columnsOf(names, values, index), version: version + 1 };
      tables.put(table, id, changed);
      return [changed];
    });
}

function append(text: string): Statement | undefined {
  const { table = '', columns = '' } = APPEND.exec(text)?.groups ?? {};
  if (table === '') return undefined;
  const [, ...names] = columns.split(', ');
  return ({ tables }, ids: string[], ...values: unknown[][]) =>
    ids.map((id, index) => {
      const row = { id, ...columnsOf(names, values, index) };
      tables.put(table, id, row);
      return row;
    });
}

const columnsOf = (names: readonly string[], values: readonly unknown[][], index: number): Row =>
  Object.fromEntries(names.map((name, column) => [name, values[column]?.[index] ?? null]));
