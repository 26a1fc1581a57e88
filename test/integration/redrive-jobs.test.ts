import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { listJobs, makeJob } from '../../shared/postgres/redrive-jobs.js';
import { deadLettersPerTest } from '../support/dead-letters-per-test.js';
import { broken, ClerkActor, NewerClerkActor } from '../support/note-taking-actors.js';
import { until } from '../support/until.js';

describe('dead letters that are redriven together', () => {
  const desk = deadLettersPerTest();
  const { author, started, lookAfter, stop, rows, note, notes, noteds, statuses, standing } = desk;

  it('are parked when their version is unknown, and handled when the release is there that knows it', async () => {
    const fleet = await started();
    const message = { ...note(1, v7()), version: 2 };
    await fleet.send(message);
    await standing('open');
    expect(await rows('select error_code from dead_letters')).to.deep.equal([
      { error_code: 'message.unknown-version' },
    ]);
    await stop(fleet);
    lookAfter(await started(new NewerClerkActor(), 'r2'));
    await until('it is counted', async () =>
      (await register.metrics()).includes('code="message.unknown-version",status="open"} 1'),
    );
    await makeJob(desk.database, { code: 'message.unknown-version' }, { ...author, perSecond: 50 });
    await noteds(1);
    await standing('redriven');
  });

  it('of one fingerprint are redriven behind a canary; one that repeats suspends them until another release', async () => {
    broken.add(1).add(2).add(3);
    const fleet = await started();
    await fleet.send(note(1, v7()), note(2, v7()), note(3, v7()));
    await standing('open', 'open', 'open');
    const job = await makeJob(desk.database, { actor: 'clerk' }, { ...author, perSecond: 50 });
    expect(job?.total).to.equal(3);
    const worker = lookAfter(fleet);
    await until(
      'the job is suspended',
      async () => (await listJobs(desk.database, { limit: 1 }))[0]?.status === 'suspended',
    );
    const occurrences = await rows<{ occurrences: number }>(
      'select occurrences from dead_letters order by occurrences',
    );
    expect(occurrences.map((row) => row.occurrences)).to.deep.equal([1, 1, 2]);
    await stop(worker);
    await stop(fleet);
    broken.clear();
    lookAfter(await started(new ClerkActor(), 'r2'));
    const finished = await until('the job is finished', async () => {
      const [one] = await listJobs(desk.database, { limit: 1 });
      return one?.status === 'finished' ? one : undefined;
    });
    expect(finished).to.include({ total: 3, done: 2, failed: 1, madeBy: 'ada' });
    expect((await notes()).length).to.equal(2);
  });

  it('of a job are not kept from going by one of their fingerprint that waits behind another letter', async () => {
    broken.add(1).add(2).add(3);
    const order = v7();
    const fleet = await started();
    await fleet.send(note(1, order));
    await standing('open');
    await rows(`update dead_letters set fingerprint = 'another'`);
    await fleet.send(note(2, order));
    await standing('open', 'held');
    await fleet.send(note(3, v7()));
    await standing('open', 'held', 'open');
    const [last] = await rows<{ id: string }>(`select id from dead_letters order by place desc limit 1`);
    await rows(
      `update dead_letters as held set status = 'redriving', fingerprint = last.fingerprint
                  from dead_letters as last where last.id = $1 and held.status = 'held'`,
      last?.id,
    );
    broken.clear();
    await makeJob(desk.database, { ids: [last?.id ?? ''] }, { ...author, perSecond: 50 });
    lookAfter(fleet);
    await noteds(3);
    await standing('open', 'redriving', 'redriven');
  });

  it('of a job are sent at its rate, and by whichever process lives', async () => {
    for (let n = 1; n <= 9; n++) broken.add(n);
    const fleet = await started();
    await fleet.send(...[...broken].map((n) => note(n, v7())));
    await until('all are filed', async () => (await statuses()).length === 9);
    broken.clear();
    await makeJob(desk.database, {}, { ...author, perSecond: 4 });
    const first = lookAfter(fleet);
    await until('some are handled', async () => (await notes()).length > 0);
    await stop(first);
    expect((await notes()).length).to.be.lessThan(9);
    lookAfter(await started());
    await until(
      'the job is finished',
      async () => (await listJobs(desk.database, { limit: 1 }))[0]?.status === 'finished',
    );
    expect((await notes()).sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [{ seconds } = { seconds: 0 }] = await rows<{ seconds: number }>(
      'select extract(epoch from finished_at - started_at)::float8 as seconds from redrive_jobs',
    );
    // The canary, then four, then four.
    expect(seconds).to.be.greaterThan(2);
  });
});
