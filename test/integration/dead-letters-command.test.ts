import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { heldLetterOf } from '../../shared/actors/dead-letter.js';
import { type DeadLetter, fileDeadLetters, holdDeadLetters } from '../../shared/postgres/dead-letters.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const command = fileURLToPath(new URL('../../scripts/dead-letters.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run dead-letters', () => {
  let database: TestDatabase;
  let folder: string;
  const author = ['--by', 'ada', '--reason', 'mended'];
  const order = v7();

  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { ...process.env, DATABASE_URL: database.url };
      execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const asked = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };
  const file = (...letters: DeadLetter[]): Promise<void> =>
    database.database.transaction((transaction) => fileDeadLetters(transaction, letters));
  const letter = (over: Partial<DeadLetter> = {}): DeadLetter => ({
    actor: 'shipping',
    messageId: v7(),
    type: 'orders.order-ready',
    correlationId: v7(),
    body: '{"orderId":7}',
    headers: {},
    road: 'runtime',
    errorCode: 'message.invalid',
    errorMessage: 'orders.order-ready at /orderId: must be string',
    stack: 'at line 1',
    attempts: 1,
    release: 'r1',
    fingerprint: 'f1',
    ...over,
  });
  const idOf = async (messageId: string): Promise<string> =>
    (await asked<{ id: string; messageId: string }[]>('list')).find((one) => one.messageId === messageId)?.id ?? '';
  const statusOf = async (id: string): Promise<string> => (await asked<{ status: string }>('show', id)).status;

  beforeEach(async () => {
    database = await createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'warren-test-'));
  });

  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('lists what stands, filtered and grouped, and shows one with all that is known of it', async () => {
    const [first, other] = [letter({ correlationId: order }), letter({ actor: 'email', fingerprint: 'f2' })];
    await file(first, letter(), other);
    const { code, stdout } = await run('list', '--actor', 'shipping');
    expect(code).to.equal(0);
    expect(stdout.match(/shipping/g)).to.have.length(2);
    expect(await asked('list', '--order', order)).to.have.length(1);
    expect(await asked('list', '--status', 'discarded')).to.deep.equal([]);
    const groups = await asked<{ fingerprint: string; count: number }[]>('groups');
    expect(groups.map(({ fingerprint, count }) => [fingerprint, count])).to.deep.equal([
      ['f1', 2],
      ['f2', 1],
    ]);
    const shown = (await run('show', await idOf(first.messageId))).stdout;
    for (const part of [first.errorMessage, 'at line 1', first.body, order]) expect(shown).to.include(part);
  });

  it('redrives one at once and several as a job, and says what a letter waits behind', async () => {
    const [first, second] = [letter({ correlationId: order }), letter({ correlationId: order })];
    await file(first, second, letter({ actor: 'email' }), letter({ messageId: 'no uuid', actor: 'email' }));
    const [firstId, secondId] = [await idOf(first.messageId), await idOf(second.messageId)];
    expect(await asked('redrive', secondId, ...author)).to.deep.equal({ letter: secondId, behind: firstId });
    expect(await statusOf(secondId)).to.equal('redriving');
    // The one without an id is left out.
    expect(await asked('redrive', '--actor', 'email', ...author)).to.include({ total: 1, status: 'running' });
    const jobs = await asked<{ id: string; madeBy: string }[]>('jobs');
    expect(jobs.map(({ madeBy }) => madeBy)).to.deep.equal(['ada']);
    expect((await run('redrive', '--actor', 'email', ...author)).code).to.equal(1);
    expect((await run('cancel', jobs[0]?.id ?? '', ...author)).code).to.equal(0);
    expect((await run('redrive', '--actor', 'email', ...author)).code).to.equal(0);
  });

  it('edits only what then fits its contract', async () => {
    const wrong = letter({ correlationId: order });
    await file(wrong);
    const id = await idOf(wrong.messageId);
    const body = join(folder, 'body.json');
    await writeFile(body, '{"orderId":"seven"}');
    const refused = await run('edit', id, '--body', body, ...author);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('orders.order-ready at ');
    expect(await statusOf(id)).to.equal('open');
    const address = { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' };
    const customer = { name: 'Ada', email: 'ada@example.com' };
    await writeFile(body, JSON.stringify({ orderId: order, customer, shippingAddress: address, lines: [] }));
    const edited = await asked<{ letter: string; messageId: string }>('edit', id, '--body', body, ...author);
    expect(await statusOf(id)).to.equal('replaced');
    const replacement = await asked<{ status: string; messageId: string; headers: object }>('show', edited.letter);
    expect(replacement).to.include({ status: 'redriving', messageId: edited.messageId });
    expect(replacement.headers).to.include({ 'warren-causation-id': wrong.messageId });
  });

  it('discards what is open, and what waits only by name', async () => {
    const [open, waiting] = [letter({ correlationId: order }), v7()];
    await file(open);
    const held = heldLetterOf(
      {
        content: Buffer.from('{}'),
        routingKey: 'x',
        messageId: waiting,
        correlationId: order,
        type: 'orders.order-ready',
        headers: {},
      },
      { actor: 'shipping', release: 'r1' },
    );
    await database.database.transaction((transaction) => holdDeadLetters(transaction, [held]));
    const heldId = await idOf(waiting);
    expect((await run('redrive', heldId, ...author)).stderr).to.include('waits behind another of its order');
    expect(await asked('discard', '--order', order, ...author)).to.deep.equal({ discarded: 1 });
    expect(await statusOf(heldId)).to.equal('held');
    expect(await asked('discard', heldId, ...author)).to.deep.equal({ discarded: 1 });
  });

  it('changes nothing without saying who, why and which', async () => {
    await file(letter());
    for (const args of [
      ['redrive', '--all'],
      ['redrive', ...author],
      ['discard', '--all', '--by', 'ada'],
      ['discard', ...author],
      ['redrive', 'seven', ...author],
      ['burn'],
    ])
      expect((await run(...args)).code, args.join(' ')).to.equal(2);
    expect((await asked<{ status: string }[]>('list')).map(({ status }) => status)).to.deep.equal(['open']);
    expect((await run('show', v7())).code).to.equal(1);
  });
});
