/** What the code of a process does with tables, read off its source: the SQL in its files, and in what they import. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Verb } from '../../shared/privileges/needs.js';

export interface Touched {
  readonly table: string;
  readonly verb: Verb;
  readonly where: string;
}

/** @param files from which the process starts, as paths of sources @param tables all there are */
export function touchedBy(files: readonly string[], tables: ReadonlySet<string>): Touched[] {
  const reading = new Reading(tables);
  for (const file of files) reading.file(file);
  return reading.touched;
}

const SQL = /\b(delete from|insert into|update|from|join)\s+(?:only\s+)?([a-z_]+)/g;
const VERBS: Readonly<Record<string, Verb>> = { 'delete from': 'delete', 'insert into': 'insert', update: 'update' };
const IMPORT = /^import (?!type )\{([^}]*)\} from '(\.[^']+)\.js'/gm;

class Reading {
  readonly touched: Touched[] = [];
  readonly #tables: ReadonlySet<string>;
  readonly #seen = new Set<string>();

  constructor(tables: ReadonlySet<string>) {
    this.#tables = tables;
  }

  /** All of it, and what it imports. */
  file(path: string): void {
    if (this.#isNew(path)) this.#text(path, withoutComments(source(path)), source(path));
  }

  /** Of what is imported only what is asked for: others ask the module for other things. */
  #exported(path: string, name: string): void {
    if (!this.#isNew(`${path}#${name}`)) return;
    const text = withoutComments(source(path));
    const part = partOf(text, name);
    if (part === undefined) return;
    this.#text(path, part, text);
    for (const [, other = ''] of text.matchAll(/^(?:export )?(?:async )?(?:function|const|class) (\w+)/gm))
      if (other !== name && new RegExp(`\\b${other}\\b`).test(part)) this.#exported(path, other);
  }

  #text(path: string, text: string, whole: string): void {
    for (const [, words = '', table = ''] of text.matchAll(SQL))
      if (this.#tables.has(table)) this.touched.push({ table, verb: VERBS[words] ?? 'select', where: path });
    for (const [, table = ''] of text.matchAll(/\bledger\('([a-z_]+)'/g))
      this.touched.push({ table, verb: 'insert', where: path });
    for (const [, names = '', from = ''] of whole.matchAll(IMPORT)) {
      const target = `${normalize(join(dirname(path), from))}.ts`;
      for (const name of names.split(',').map((one) => one.trim().split(' as ')[0] ?? '')) {
        if (name === '' || name.startsWith('type ') || !new RegExp(`\\b${name}\\b`).test(text)) continue;
        this.#exported(target, name);
      }
    }
  }

  #isNew(what: string): boolean {
    const before = this.#seen.size;
    return this.#seen.add(what).size > before;
  }
}

const source = (path: string): string => readFileSync(path, 'utf8');

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** A declaration of the top level: up to the line after which something begins in the first column again. */
function partOf(text: string, name: string): string | undefined {
  const start = new RegExp(`^(?:export )?(?:async )?(?:function|const|class) ${name}\\b`, 'm').exec(text)?.index;
  if (start === undefined) return undefined;
  const lines = text.slice(start).split('\n');
  const end = lines.findIndex((line, index) => {
    const next = lines.slice(index + 1).find((one) => one !== '') ?? 'end of file';
    return /[;}]$/.test(line) && !/^[\s)\]}]/.test(next);
  });
  return lines.slice(0, end + 1).join('\n');
}
