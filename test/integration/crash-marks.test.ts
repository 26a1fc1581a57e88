import { expect } from 'chai';
import { v7 } from 'uuid';
import { createLogger } from '../../shared/observability/log.js';
import { CrashMarks } from '../../shared/postgres/crash-marks.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

describe('marks on redelivered messages', () => {
  const id = v7();
  let database: TestDatabase;
  let living: CrashMarks;
  let dead: CrashMarks;

  const newMarks = (actor = 'bank'): CrashMarks =>
    new CrashMarks(database.database, actor, createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test'));
  /** As the mark of a process whose event loop stands still looks after a while. */
  const silence = (ms: number) =>
    database.database.query({ text: `update crash_marks set seen_at = now() - interval '${ms} ms'` });
  const left = async (marks = newMarks()) => (await marks.set([id])).get(id);
  const holderOf = async (): Promise<string> => (await left())?.holder ?? '';

  beforeEach(async () => {
    database = await createDatabase();
    dead = newMarks();
    living = newMarks();
  });

  afterEach(async () => {
    await Promise.all([dead.clear([id]), living.clear([id])]);
    await database.close();
  });

  it('tell whoever comes next who was handling the message, and how long it has been silent', async () => {
    const other = v7();
    expect(await dead.set([id])).to.have.property('size', 0);
    await silence(7000);
    const found = await living.set([other, id]);
    expect([...found.keys()]).to.deep.equal([id]);
    expect(found.get(id)).to.include({ alone: false, crashes: 0 });
    expect(found.get(id)?.silentMs).to.be.within(7000, 8000);
    expect(await left(newMarks('teller'))).to.equal(undefined);
    await newMarks('teller').clear([]);
    await living.clear([other]);
  });

  it('are taken over by one process only, which then handles the message alone', async () => {
    await dead.set([id]);
    const holder = await holderOf();
    const taken = await Promise.all([living.takeOver(id, holder, 1), newMarks().takeOver(id, holder, 1)]);
    expect(taken).to.have.members([true, false]);
    expect(await left()).to.include({ alone: true, crashes: 1 });
  });

  it('stay with the process that took them over when the one thought dead clears its own', async () => {
    await dead.set([id]);
    await living.takeOver(id, await holderOf(), 2);
    await dead.clear([id]);
    expect(await left()).to.include({ alone: true, crashes: 2 });
  });

  it('of our own, whose clearing failed, say nothing against the message', async () => {
    await dead.set([id]);
    await living.takeOver(id, await holderOf(), 2);
    expect(await living.set([id])).to.have.property('size', 0);
    expect(await left()).to.include({ alone: false, crashes: 0 });
  });

  it('are kept fresh while their process lives, also after it took one over', async () => {
    const fresh = async (): Promise<boolean> => ((await left())?.silentMs ?? Number.POSITIVE_INFINITY) < 5000;
    await living.set([id]);
    await silence(60_000);
    await until('life is shown', fresh);
    const successor = newMarks();
    await successor.takeOver(id, await holderOf(), 0);
    await living.clear([id]);
    await silence(60_000);
    await until('the successor shows life', fresh);
    await successor.clear([id]);
  });

  it('are forgotten when the message became a dead letter, so that it begins anew when it is redriven', async () => {
    await dead.set([id]);
    await living.forget(id, await holderOf());
    expect(await left()).to.equal(undefined);
  });
});
