import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isIncomplete, removeStale } from '../../scripts/build/compile.mjs';
import { whyInstall } from '../../scripts/build/dependencies.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('dist/', () => {
  const folder = temporaryFolder();

  it('loses what was compiled from a source that is gone, so that a deleted worker is no longer registered', () => {
    folder.write('workers/orders/orders.actor.ts', '');
    for (const name of ['orders', 'fraud']) {
      folder.write(`dist/workers/${name}/${name}.actor.js`, '');
      folder.write(`dist/workers/${name}/${name}.actor.js.map`, '');
    }
    folder.write('dist/.tsbuildinfo', '{}');
    removeStale(folder.path());
    expect(existsSync(join(folder.path(), 'dist/workers/fraud'))).to.equal(false);
    expect(existsSync(join(folder.path(), 'dist/workers/orders/orders.actor.js.map'))).to.equal(true);
    expect(existsSync(join(folder.path(), 'dist/.tsbuildinfo'))).to.equal(true);
  });

  it('keeps what was compiled from a source with elements in it', () => {
    folder.write('api/console/browser/main.tsx', '');
    for (const name of ['main', 'gone']) folder.write(`dist/api/console/browser/${name}.js`, '');
    removeStale(folder.path());
    expect(existsSync(join(folder.path(), 'dist/api/console/browser/main.js'))).to.equal(true);
    expect(existsSync(join(folder.path(), 'dist/api/console/browser/gone.js'))).to.equal(false);
  });

  it('is complete without what is a package of its own, and not without any other source', () => {
    folder.write('tsconfig.json', JSON.stringify({ include: ['test'] }));
    folder.write('test/bench/bench.ts', '');
    folder.write('dist/test/bench/bench.js', '');
    folder.write('test/bench/peers/package.json', '{}');
    folder.write('test/bench/peers/start.ts', '');
    expect(isIncomplete(folder.path())).to.equal(false);
    folder.write('test/bench/drain.ts', '');
    expect(isIncomplete(folder.path())).to.equal(true);
  });
});

describe('the dependencies', () => {
  const folder = temporaryFolder();
  /** @param {Record<string, object>} packages */
  const lock = (packages) => JSON.stringify({ packages });
  const pino = { version: '10.4.0', integrity: 'sha512-a' };

  /** @param {Record<string, object>} installed */
  function install(installed) {
    folder.write(
      'package-lock.json',
      lock({ '': {}, 'node_modules/pino': pino, 'node_modules/other-system': { optional: true } }),
    );
    folder.write('node_modules/.package-lock.json', lock(installed));
  }

  it('are left alone when they are those of package-lock.json', () => {
    install({ 'node_modules/pino': pino });
    expect(whyInstall(folder.path())).to.equal(undefined);
  });

  it('are installed when they are not there', () => {
    install({ 'node_modules/pino': pino });
    rmSync(join(folder.path(), 'node_modules'), { recursive: true });
    expect(whyInstall(folder.path())).to.equal('node_modules is not there');
  });

  it('are installed when package-lock.json has changed', () => {
    install({ 'node_modules/pino': { ...pino, version: '10.3.0' } });
    expect(whyInstall(folder.path())).to.equal('pino is not what package-lock.json says');
    install({});
    expect(whyInstall(folder.path())).to.equal('pino is not what package-lock.json says');
  });

  it('are installed when the last installation was cut short', () => {
    install({ 'node_modules/pino': pino });
    rmSync(join(folder.path(), 'node_modules', '.package-lock.json'));
    expect(whyInstall(folder.path())).to.equal('the last installation was not finished');
  });
});
