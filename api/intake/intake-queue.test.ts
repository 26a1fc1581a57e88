import { expect } from 'chai';
import { until } from '../../test/support/until.js';
import { Problem } from '../problem.js';
import { CommitUnknown, IntakeQueue, type IntakeQueueOptions } from './intake-queue.js';

const away = (): Error => new Error('connect ECONNREFUSED 127.0.0.1:5432');

/** Commits that the test settles one by one. */
class Commits {
  readonly batches: string[][] = [];
  #settle: { resolve: (outcomes: string[]) => void; reject: (error: unknown) => void } | undefined;

  readonly commit = (batch: readonly string[]): Promise<string[]> => {
    this.batches.push([...batch]);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  };

  /** Waits for commit number `count` and ends it. */
  async succeed(count: number): Promise<void> {
    await until(`commit ${count} has begun`, () => this.batches.length >= count);
    this.#settle?.resolve((this.batches[count - 1] ?? []).map((input) => `${input} stored`));
  }

  async fail(count: number, error: unknown): Promise<void> {
    await until(`commit ${count} has begun`, () => this.batches.length >= count);
    this.#settle?.reject(error);
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Problem ? error.code : error);

describe('the intake queue', () => {
  const queues: IntakeQueue<string, string>[] = [];
  const queueOf = (options: IntakeQueueOptions<string, string>): IntakeQueue<string, string> => {
    const queue = new IntakeQueue({ retryDelaysMs: [1, 1], ...options });
    queues.push(queue);
    return queue;
  };
  afterEach(() => {
    for (const queue of queues.splice(0)) queue.close();
  });

  it('commits together what waits while a batch commits, and tells each its own outcome', async () => {
    const commits = new Commits();
    const queue = queueOf({ commit: commits.commit });
    const first = queue.submit('a');
    const rest = ['b', 'c', 'd'].map((input) => queue.submit(input));
    await commits.succeed(1);
    await commits.succeed(2);
    expect(await Promise.all([first, ...rest])).to.deep.equal(['a stored', 'b stored', 'c stored', 'd stored']);
    expect(commits.batches).to.deep.equal([['a'], ['b', 'c', 'd']]);
  });

  it('keeps a batch to its limit', async () => {
    const sizes: number[] = [];
    const queue = queueOf({
      batchLimit: 256,
      commit: async (batch) => {
        sizes.push(batch.length);
        return [...batch];
      },
    });
    await Promise.all(Array.from({ length: 600 }, (_, index) => queue.submit(String(index))));
    expect(sizes).to.deep.equal([1, 64, 256, 256, 23]);
  });

  it('commits a second batch beside the first when a whole one waits, and no third', async () => {
    const batches: string[][] = [];
    const ends: (() => void)[] = [];
    const queue = queueOf({
      batchLimit: 2,
      commit: (batch) => {
        batches.push([...batch]);
        return new Promise((resolve) => ends.push(() => resolve([...batch])));
      },
    });
    const submitted = [queue.submit('a'), queue.submit('b')];
    expect(batches).to.deep.equal([['a']]);
    submitted.push(...['c', 'd', 'e', 'f'].map((input) => queue.submit(input)));
    expect(batches).to.deep.equal([['a'], ['b', 'c']]);
    ends[1]?.();
    await until('the next whole batch follows', () => batches.length === 3);
    ends[2]?.();
    expect(await Promise.all(submitted.slice(1, 5))).to.deep.equal(['b', 'c', 'd', 'e']);
    // What is left is no whole batch, and waits for the first to end.
    expect(batches).to.deep.equal([['a'], ['b', 'c'], ['d', 'e']]);
    ends[0]?.();
    await until('the rest follows', () => batches.length === 4);
    ends[3]?.();
    expect(await Promise.all(submitted)).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('keeps a batch to its size, but takes one that is larger alone', async () => {
    const batches: string[][] = [];
    const queue = queueOf({
      batchSize: 4,
      sizeOf: (input) => input.length,
      commit: async (batch) => {
        batches.push([...batch]);
        return [...batch];
      },
    });
    await Promise.all(['a', 'bb', 'cc', 'd', 'eeeee', 'f'].map((input) => queue.submit(input)));
    expect(batches).to.deep.equal([['a'], ['bb', 'cc'], ['d'], ['eeeee'], ['f']]);
  });

  it('refuses what makes those that wait larger than they may be, until some have been committed', async () => {
    const commits = new Commits();
    let refused = 0;
    const queue = queueOf({
      commit: commits.commit,
      queueSize: 4,
      sizeOf: (input) => input.length,
      onRefused: () => {
        refused += 1;
      },
    });
    const taken = ['a', 'bbb', 'c'].map((input) => queue.submit(input));
    expect(await queue.submit('d').catch(codeOf)).to.equal('intake.overloaded');
    expect(refused).to.equal(1);
    await commits.succeed(1);
    await until('the next batch has begun', () => commits.batches.length === 2);
    taken.push(queue.submit('dddd'));
    await commits.succeed(2);
    await commits.succeed(3);
    expect(await Promise.all(taken)).to.have.length(4);
  });

  it('fails only the request that a statement fails for', async () => {
    const stored: string[] = [];
    const queue = queueOf({
      commit: async (batch) => {
        if (batch.includes('bad')) throw new TypeError('it cannot be stored');
        stored.push(...batch);
        return batch.map((input) => `${input} stored`);
      },
    });
    const inputs = ['a', 'b', 'c', 'bad', 'd', 'e'];
    const results = await Promise.allSettled(inputs.map((input) => queue.submit(input)));
    expect(results.map(({ status }) => status)).to.deep.equal(
      inputs.map((input) => (input === 'bad' ? 'rejected' : 'fulfilled')),
    );
    expect(stored.sort()).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('commits the batch again when the answer to its commit was lost', async () => {
    const commits = new Commits();
    const submitted = queueOf({ commit: commits.commit }).submit('a');
    await commits.fail(1, new CommitUnknown('lost'));
    await commits.succeed(2);
    expect(await submitted).to.equal('a stored');
  });

  it('says that the outcome is unknown when the database stays away after a lost commit, and unavailable otherwise', async () => {
    for (const [lost, code] of [
      [new CommitUnknown('lost'), 'intake.outcome-unknown'],
      [away(), 'intake.unavailable'],
    ] as const) {
      const commits = new Commits();
      const submitted = queueOf({ commit: commits.commit }).submit('a').catch(codeOf);
      await commits.fail(1, lost);
      await commits.fail(2, away());
      await commits.fail(3, away());
      expect(await submitted).to.equal(code);
    }
  });

  it('still says that the outcome is unknown when the batch was split after a lost commit', async () => {
    const failures = [new CommitUnknown('lost'), new TypeError('it cannot be stored')];
    const first = new Commits();
    const batched = queueOf({
      commit: (batch) => (batch.includes('x') ? first.commit(batch) : Promise.reject(failures.shift() ?? away())),
    });
    const ahead = batched.submit('x');
    const submitted = ['a', 'b'].map((input) => batched.submit(input).catch(codeOf));
    await first.succeed(1);
    await ahead;
    expect(await Promise.all(submitted)).to.deep.equal(Array(2).fill('intake.outcome-unknown'));
  });

  it('tells those behind a batch at once that the database is away', async () => {
    const commits = new Commits();
    const queue = queueOf({ commit: commits.commit, retryDelaysMs: [] });
    const submitted = ['a', 'b', 'c'].map((input) => queue.submit(input).catch(codeOf));
    await commits.fail(1, away());
    expect(await Promise.all(submitted)).to.deep.equal(Array(3).fill('intake.unavailable'));
    expect(commits.batches).to.deep.equal([['a']]);
  });

  it('takes requests again once the database is back', async () => {
    const commits = new Commits();
    const queue = queueOf({ commit: commits.commit, retryDelaysMs: [] });
    const refused = queue.submit('a').catch(codeOf);
    await commits.fail(1, away());
    await refused;
    const submitted = queue.submit('b');
    await commits.succeed(2);
    expect(await submitted).to.equal('b stored');
  });

  it('refuses at once what comes on top of its limit', async () => {
    const commits = new Commits();
    const queue = queueOf({ commit: commits.commit, queueLimit: 2 });
    const taken = ['a', 'b', 'c'].map((input) => queue.submit(input));
    expect(await queue.submit('d').catch(codeOf)).to.equal('intake.overloaded');
    await commits.succeed(1);
    await commits.succeed(2);
    expect(await Promise.all(taken)).to.have.length(3);
  });

  it('refuses what has waited too long behind a batch that hangs, and never stores it', async () => {
    const commits = new Commits();
    const queue = queueOf({ commit: commits.commit, waitLimitMs: 50 });
    const hanging = queue.submit('a');
    expect(await queue.submit('b').catch(codeOf)).to.equal('intake.overloaded');
    await commits.succeed(1);
    expect(await hanging).to.equal('a stored');
    expect(commits.batches).to.deep.equal([['a']]);
  });
});
