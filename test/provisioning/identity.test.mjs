import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endLeftovers, rememberProcesses } from '../../scripts/fleet/leftovers.mjs';
import { tryLock, withLock } from '../../scripts/provision/lock.mjs';
import { identify, isAlive, signalProcess } from '../../scripts/provision/process-identity.mjs';
import { readRecord, writeRecord } from '../../scripts/provision/record.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('a remembered process', () => {
  const folder = temporaryFolder();
  /** @type {import('node:child_process').ChildProcess} */
  let bystander;

  beforeEach(async () => {
    bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(bystander, 'spawn');
  });

  afterEach(async () => {
    if (bystander.exitCode !== null || bystander.signalCode !== null) return;
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  });

  /** The identity that a pid file keeps of a process which is gone, and whose number someone else has now. */
  const stale = () => ({ pid: bystander.pid ?? 0, began: '1' });

  it('is known again', () => {
    expect(isAlive(identify(bystander.pid ?? 0))).to.equal(true);
  });

  it('is not taken for another that got its number, and that other is never signalled', async () => {
    expect(isAlive(stale())).to.equal(false);
    signalProcess(stale(), 'SIGKILL');
    rememberProcesses(join(folder.path(), 'processes.json'), [stale()]);
    expect(await endLeftovers(join(folder.path(), 'processes.json'))).to.equal(0);
    expect(isAlive(identify(bystander.pid ?? 0))).to.equal(true);
  });

  it('that an earlier start left running is ended by the next', async () => {
    const identity = identify(bystander.pid ?? 0);
    rememberProcesses(join(folder.path(), 'processes.json'), [identity]);
    expect(await endLeftovers(join(folder.path(), 'processes.json'))).to.equal(1);
    expect(isAlive(identity)).to.equal(false);
  });

  it('holds a lock only while it lives', () => {
    const path = join(folder.path(), 'start.lock');
    writeFileSync(path, JSON.stringify(identify(bystander.pid ?? 0)));
    expect(tryLock(path)).to.deep.equal({ holder: bystander.pid });
    writeFileSync(path, JSON.stringify(stale()));
    const lock = tryLock(path);
    expect(lock).to.have.property('release');
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.equal(identify(process.pid));
  });
});

describe('a lock', () => {
  const folder = temporaryFolder();

  it('lets one in at a time, and is free after a failure', async () => {
    const path = join(folder.path(), 'lock');
    let inside = 0;
    let most = 0;
    const enter = () =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        throw new Error('failed inside');
      }).catch((error) => error.message);
    expect(await Promise.all([enter(), enter(), enter()])).to.deep.equal(Array(3).fill('failed inside'));
    expect(most).to.equal(1);
  });

  it('that was cut short while it was written is nobody’s', () => {
    const path = folder.write('lock', '{"pid":');
    expect(tryLock(path)).to.have.property('release');
  });
});

describe('the record of a server', () => {
  const folder = temporaryFolder();

  it('comes back as it was written, and only its owner may read it', () => {
    const record = { kind: /** @type {const} */ ('private'), ports: { redis: 1 }, secrets: { password: 'x' } };
    writeRecord(folder.path(), record);
    expect(readRecord(folder.path())).to.deep.equal(record);
  });

  it('of which only half was written counts as none', () => {
    folder.write('server.json', '{"kind":"priv');
    expect(readRecord(folder.path())).to.equal(undefined);
  });
});
