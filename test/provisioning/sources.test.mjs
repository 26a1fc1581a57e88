import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { installPackages } from '../../scripts/provision/packages.mjs';
import { identify } from '../../scripts/provision/process-identity.mjs';
import { chooseSource, provideServers, stopServers } from '../../scripts/provision/provide.mjs';
import { readRecord, writeRecord } from '../../scripts/provision/record.mjs';
import { fakeCommands } from './fake-commands.mjs';
import { fakeServer } from './fake-server.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const INSTALLED = { binary: '/opt/fake/bin/fake-server', version: '1.2' };
const ENGINE = { docker: 'echo 28.0' };

describe('where a server comes from', () => {
  const folder = temporaryFolder();
  const commands = fakeCommands(folder.path);
  const setting = () => ({ home: folder.path(), startedBy: 'test', environment: {} });

  /** @param {boolean} answers */
  function running(answers) {
    folder.write('redis/.keep', '');
    const record = { kind: /** @type {const} */ ('private'), process: identify(process.pid), ports: {}, secrets: {} };
    writeRecord(
      join(folder.path(), 'redis'),
      answers ? record : { ...record, process: { pid: process.pid, began: '1' } },
    );
  }

  const able = fakeServer({ find: () => Promise.resolve(INSTALLED), answers: () => Promise.resolve() });

  it('is its URL in the environment, before anything else', async () => {
    running(true);
    const environment = { OTHER_FAKE_URL: 'fake://elsewhere' };
    const source = await chooseSource(able, { ...setting(), environment });
    expect(source).to.deep.equal({
      from: 'environment',
      given: { variable: 'OTHER_FAKE_URL', urls: ['fake://elsewhere'] },
    });
  });

  it('is our own instance that still runs, before a new one', async () => {
    running(true);
    expect(await chooseSource(able, setting())).to.have.property('from', 'running');
  });

  it('is not an instance whose pid file is stale', async () => {
    running(false);
    expect(await chooseSource(able, setting())).to.deep.equal({ from: 'installed', installed: INSTALLED });
  });

  it('is the installed binary, before a container', async () => {
    commands.install(ENGINE);
    expect(await chooseSource(able, setting())).to.deep.equal({ from: 'installed', installed: INSTALLED });
  });

  it('is a container when an engine answers, before installing', async () => {
    commands.install({ ...ENGINE, 'apt-get': '', sudo: '' });
    expect(await chooseSource(fakeServer(), setting())).to.deep.equal({ from: 'compose' });
  });

  it('is not a container when docker is there and its engine does not answer', async () => {
    commands.install({ docker: 'if [ "$1" = info ]; then exit 1; fi', brew: '' });
    const source = await chooseSource(fakeServer(), setting());
    expect(source).to.deep.equal({ from: 'packages', installer: { name: 'brew', prefix: [] } });
  });

  it('stays a container where one has the data, whatever was installed since', async () => {
    commands.install(ENGINE);
    folder.write('redis/.keep', '');
    writeRecord(join(folder.path(), 'redis'), { kind: 'compose', project: 'p', ports: {}, secrets: {} });
    const installed = fakeServer({ find: () => Promise.resolve(INSTALLED) });
    expect(await chooseSource(installed, setting())).to.deep.equal({ from: 'compose' });
  });

  it('is nowhere without any of these, which is one line with every remedy', async () => {
    commands.install({});
    const failure = await provideServers([fakeServer()], setting()).catch((error) => error);
    expect(failure.message).to.match(/^No Fake here: set FAKE_URL, .*apt-get install fake-server.*brew.*Docker.*root/);
    expect(failure.message.split('\n')).to.have.length(1);
  });

  it('that is given and does not answer is a failure, and nothing is put in its place', async () => {
    const silent = fakeServer({
      find: () => Promise.resolve(INSTALLED),
      greet: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    const environment = { FAKE_URL: 'fake://user:hidden@elsewhere:1' };
    const failure = await provideServers([silent], { ...setting(), environment }).catch((error) => error);
    expect(failure.message).to.equal('Fake does not answer where FAKE_URL says it is');
    expect(failure.why).to.contain('ECONNREFUSED').and.not.contain('hidden');
    expect(failure.remedy).to.contain('unset it');
  });
});

describe('a container', () => {
  const folder = temporaryFolder();
  const commands = fakeCommands(folder.path);

  it('is started with free ports on loopback and a password of its own, and stopped by who started it', async () => {
    commands.install({
      docker: 'echo 28.0; case "$*" in *" up "*) echo "$WARREN_REDIS_PORT $WARREN_REDIS_PASSWORD" > "$0.given";; esac',
    });
    const server = fakeServer({ answers: () => Promise.resolve() });
    const setting = { home: folder.path(), startedBy: 'test' };
    const [provided] = await provideServers([server], setting);
    const record = readRecord(join(folder.path(), 'redis'));
    expect(provided?.from).to.equal('docker compose');
    expect(provided?.urls.FAKE_URL).to.equal(`fake://:${record?.secrets.password}@127.0.0.1:${record?.ports.redis}`);
    const given = readFileSync(`${commands.at('docker')}.given`, 'utf8').trim();
    expect(given).to.equal(`${record?.ports.redis} ${record?.secrets.password}`);
    await stopServers([server], { home: folder.path(), startedBy: 'someone else' });
    await stopServers([server], setting);
    const composed = commands.calls().filter((call) => call.includes('--project-name'));
    expect(composed.map((call) => call.replace(/^.*docker-compose.yml /, ''))).to.deep.equal([
      'up --detach --wait redis',
      'stop --timeout 20 redis',
    ]);
    expect(composed[0]).to.contain(`--project-name ${record?.project}`);
  });
});

describe('installing packages with apt', () => {
  const folder = temporaryFolder();
  const commands = fakeCommands(folder.path);
  /** Only notes what would be done as root. */
  const installer = () => ({ name: /** @type {const} */ ('apt'), prefix: [commands.at('sudo'), '-n'] });

  it('keeps the units from starting while it installs, and puts things back', async () => {
    commands.install({ sudo: '' });
    await installPackages([fakeServer()], installer());
    const done = commands.calls().join('\n');
    expect(done).to.match(
      /policy-rc\.d[\s\S]*apt-get install --yes[\s\S]* fake-server[\s\S]*rm -f \/usr\/sbin\/policy-rc\.d/,
    );
    expect(done).to.not.contain('apt-get update');
  });

  it('updates the lists when the first attempt fails, and puts things back when all fails', async () => {
    commands.install({ sudo: 'case "$*" in *"apt-get install"*) echo "E: no such package" >&2; exit 100;; esac' });
    const failure = await installPackages([fakeServer()], installer()).catch((error) => error);
    expect(failure.why).to.contain('E: no such package');
    expect(failure.remedy).to.contain('apt-get install fake-server');
    expect(commands.calls().filter((call) => call.includes('apt-get update'))).to.have.length(1);
    expect(commands.calls().filter((call) => call.includes('apt-get install'))).to.have.length(2);
    expect(commands.calls().at(-1)).to.contain('rm -f /usr/sbin/policy-rc.d');
  });
});
