import { expect } from 'chai';
import { Redis } from 'ioredis';
import { v7 } from 'uuid';
import { createLogger } from '../../shared/observability/log.js';
import { Cache } from '../../shared/redis/cache.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

describe('what Redis is asked', () => {
  let caches: Cache[];

  const newCache = async (url = needed('REDIS_URL')): Promise<Cache> => {
    const cache = new Cache({ url }, log);
    caches.push(cache);
    if (url === needed('REDIS_URL')) await until('Redis answers', () => cache.ready);
    return cache;
  };
  beforeEach(() => {
    caches = [];
  });
  afterEach(() => Promise.all(caches.map((cache) => cache.close())));

  it('knows what an actor has handled, and nothing of another actor', async () => {
    const cache = await newCache();
    const [known, unknown] = [v7(), v7()];
    await cache.mark('one', [known]);
    expect((await cache.admit('one', [known, unknown], 60_000)).handled).to.deep.equal(new Set([known]));
    expect((await cache.admit('other', [known], 60_000)).handled).to.deep.equal(new Set());
  });

  it('lets one process claim a message, again if it likes, and keeps the others off until it is given up', async () => {
    const [mine, theirs] = [await newCache(), await newCache()];
    const [first, second] = [v7(), v7()];
    expect((await mine.admit('actor', [first], 60_000)).held).to.deep.equal(new Set());
    expect((await mine.admit('actor', [first], 60_000)).held).to.deep.equal(new Set());
    expect((await theirs.admit('actor', [first, second], 60_000)).held).to.deep.equal(new Set([first]));
    await theirs.unclaim('actor', [first]);
    expect((await theirs.admit('actor', [first], 60_000)).held).to.deep.equal(new Set([first]));
    await mine.unclaim('actor', [first]);
    expect((await theirs.admit('actor', [first], 60_000)).held).to.deep.equal(new Set());
  });

  it('gives the claims of a process that has stopped to the next one at once', async () => {
    const [stopped, heir] = [await newCache(), await newCache()];
    const id = v7();
    await stopped.admit('actor', [id], 600_000);
    expect((await heir.admit('actor', [id], 600_000)).held).to.deep.equal(new Set([id]));
    await stopped.close();
    expect((await heir.admit('actor', [id], 600_000)).held).to.deep.equal(new Set());
    expect((await (await newCache()).admit('actor', [id], 600_000)).held).to.deep.equal(new Set([id]));
  });

  it('gives the claims of a process that was killed to the next one, long before they lapse', async () => {
    const id = v7();
    const raw = new Redis(needed('REDIS_URL'));
    await raw.set(`warren:message:actor:${id}`, 'killed', 'PX', 600_000);
    await raw.set('warren:life:killed', '1', 'PX', 300);
    raw.disconnect();
    const heir = await newCache();
    expect((await heir.admit('actor', [id], 600_000)).held).to.deep.equal(new Set([id]));
    await until('the claim is free', async () => (await heir.admit('actor', [id], 600_000)).held.size === 0);
    expect((await (await newCache()).admit('actor', [id], 600_000)).held).to.deep.equal(new Set([id]));
  });

  it('keeps a mark whoever gives up a claim after it, and for longer than any claim', async () => {
    const [mine, theirs] = [await newCache(), await newCache()];
    const id = v7();
    await mine.admit('actor', [id], 1000);
    await theirs.mark('actor', [id]);
    for (const cache of [mine, theirs]) await cache.unclaim('actor', [id]);
    expect((await mine.admit('actor', [id], 1000)).handled).to.deep.equal(new Set([id]));
    const raw = new Redis(needed('REDIS_URL'));
    expect(await raw.ttl(`warren:message:actor:${id}`)).to.be.within(3500, 3600);
    raw.disconnect();
  });

  it('lets a claim lapse that nobody gave up', async () => {
    const [mine, theirs] = [await newCache(), await newCache()];
    const id = v7();
    await mine.admit('actor', [id], 200);
    expect((await theirs.admit('actor', [id], 200)).held).to.deep.equal(new Set([id]));
    await until('it is free', async () => (await theirs.admit('actor', [id], 60_000)).held.size === 0);
  });

  it('answers at once that it knows nothing when Redis is away', async () => {
    const cache = await newCache('redis://127.0.0.1:1');
    expect((await cache.admit('actor', [v7()], 60_000)).handled).to.deep.equal(new Set());
    expect((await cache.admit('actor', [v7()], 1000)).held).to.deep.equal(new Set());
    await cache.mark('actor', [v7()]);
    expect(cache.ready).to.equal(false);
  });
});
