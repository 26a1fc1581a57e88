/**
 * Defects that certification must catch. Each is a change of the compiled program, made in a copy of it: the program itself
 * knows nothing of them. A change whose text is not found fails loudly: the program has moved on, and so must the mutant.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failpoint } from '../../shared/observability/failpoint.js';
import type { Part, Stand } from './stand.js';

interface Change {
  /** In dist/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** What brings the defect to light; returns the orders that it placed. */
  readonly provoke: (stand: Stand) => Promise<string[]>;
}

const killedAt =
  (part: Part, failpoint: Failpoint, token?: string) =>
  async (stand: Stand): Promise<string[]> => {
    const ids: string[] = [];
    await stand.killAt(part, failpoint, async () => {
      for (let count = 0; count < 4; count++) ids.push(await stand.place(token === undefined ? {} : { token }));
    });
    return ids;
  };

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'ack before the commit',
    changes: [
      {
        file: 'shared/actors/actor-runner.js',
        from: 'committed = await this.#commits.commit(batch);',
        to: 'for (const { work } of batch) work.delivery.ack(); committed = await this.#commits.commit(batch);',
      },
      // Gathered for longer, the acks would not have left before the death that is to be survived.
      { file: 'shared/rabbitmq/ack-window.js', from: 'const FEW_GATHER_MS = 25;', to: 'const FEW_GATHER_MS = 1;' },
    ],
    provoke: killedAt('orders', 'commit-stored'),
  },
  {
    name: 'no claim in the inbox',
    changes: [
      {
        file: 'shared/postgres/inbox.js',
        from: 'return { fresh: new Set(claim.fresh ?? ids),',
        to: "await transaction.query({ text: 'delete from inbox where actor = $1 and message_id = any($2::uuid[])', values: [actor, ids] }); return { fresh: new Set(ids),",
      },
    ],
    provoke: killedAt('inventory', 'commit-committed'),
  },
  {
    name: 'a mark in Redis before the commit, and believed',
    changes: [
      {
        file: 'shared/actors/admission.js',
        from: 'for (const work of handled)\n            ready.put({ work });',
        to: "this.#options.settlement.finish({ settled: handled.map((work) => ({ kind: 'duplicate', work })), messages: [] });",
      },
      {
        file: 'shared/actors/actor-runner.js',
        from: 'committed = await this.#commits.commit(batch);',
        to: 'await this.markEarly(batch.map(({ work }) => work.message.id)); committed = await this.#commits.commit(batch);',
      },
      {
        file: 'shared/actors/actor-runner.js',
        from: 'this.#actor = actor;',
        to: 'this.#actor = actor; this.markEarly = (ids) => parts.cache.mark(actor.name, ids);',
      },
    ],
    provoke: killedAt('payment', 'commit-stored'),
  },
  {
    name: 'a new idempotency key for every attempt',
    changes: [
      {
        file: 'shared/actors/draft.js',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the program
        from: '`${message.correlationId}:${handler.step}`',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the program
        to: '`${message.correlationId}:${handler.step}:${Math.random()}`',
      },
    ],
    provoke: killedAt('payment', 'effect-performed'),
  },
  {
    name: 'a returned message is taken for sent',
    changes: [
      {
        file: 'shared/rabbitmq/publisher.js',
        from: "returned ? 'returned' :",
        to: '',
      },
    ],
    async provoke(stand) {
      const bind = await stand.unbind('orders', 'payment', 'payment.payment-captured');
      const ids = [await stand.place(), await stand.place()];
      await stand.tried('payment.payment-captured', ids.length);
      await bind();
      return ids;
    },
  },
  {
    name: 'the relay looks for higher ids only',
    changes: [
      {
        file: 'shared/postgres/outbox.js',
        from: 'return rows.map((row) => ({',
        to: "const above = rows.filter(({ id }) => id > (globalThis.lastId ?? '')); globalThis.lastId = above.at(-1)?.id ?? globalThis.lastId; return above.map((row) => ({",
      },
    ],
    async provoke(stand) {
      const ids: string[] = [];
      const slow = await stand.restart('orders', { FAILPOINT: 'commit-committed', OUTBOX_LEASE_MS: '6000' });
      ids.push(await stand.place());
      await stand.died(slow, 'commit-committed');
      await stand.killAt('web', 'intake-committed', async () => {
        ids.push(await stand.place());
      });
      await stand.restart('orders');
      return ids;
    },
  },
];

/** The changed text of each file that the mutant changes, by its path in the compiled project. @throws {Error} when there is nothing to change */
export async function changedFiles(dist: string, { name, changes }: Mutant): Promise<ReadonlyMap<string, string>> {
  const changed = new Map<string, string>();
  for (const { file, from, to } of changes) {
    const text = changed.get(file) ?? (await readFile(join(dist, file), 'utf8'));
    const places = text.split(from).length - 1;
    if (places !== 1) throw new Error(`the mutant "${name}" finds its place ${places} times in ${file}; mend it`);
    changed.set(
      file,
      text.replace(from, () => to),
    );
  }
  return changed;
}

/** Copies the compiled project and changes it; returns the copy. @throws {Error} when there is nothing to change */
export async function mutate(dist: string, folder: string, mutant: Mutant): Promise<string> {
  const copy = join(folder, 'dist');
  await rm(folder, { recursive: true, force: true });
  await cp(dist, copy, { recursive: true, filter: (path) => !path.endsWith('.map') });
  for (const [file, text] of await changedFiles(dist, mutant)) await writeFile(join(copy, file), text);
  return copy;
}
