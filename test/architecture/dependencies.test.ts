import { readFile } from 'node:fs/promises';
import { expect } from 'chai';

interface Entry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/**
 * They work without what their scripts would do. What the first two would fetch or compile is a package of its own for each
 * system; the third would only report that Swagger UI was installed.
 */
const FINE_WITHOUT_SCRIPT = ['node_modules/@swc/core', 'node_modules/msgpackr-extract', 'node_modules/@scarf/scarf'];

for (const folder of ['.', 'test/bench/peers']) {
  describe(`the packages of ${folder === '.' ? 'Warren' : folder}`, () => {
    let entries: [path: string, entry: Entry][];

    before(async () => {
      const lock = JSON.parse(await readFile(`${folder}/package-lock.json`, 'utf8')) as {
        packages: Record<string, Entry>;
      };
      entries = Object.entries(lock.packages).filter(([path]) => path !== '');
      expect(entries.length).to.be.greaterThan(50);
    });

    it('are what the lock file says to the byte, from whichever registry they come', () => {
      // Builds for other systems stand there as npm noted them where it could not have them: nothing depends on them.
      const pinned = entries.filter(([, { optional, os, cpu }]) => !(optional === true && (os ?? cpu) !== undefined));
      expect(pathsOf(pinned.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')))).to.deep.equal([]);
      expect(pathsOf(entries.filter(([, { resolved }]) => resolved !== undefined))).to.deep.equal([]);
    });

    it('run nothing when they are installed', async () => {
      expect(await readFile(`${folder}/.npmrc`, 'utf8')).to.match(/^ignore-scripts=true$/m);
      const wanting = pathsOf(entries.filter(([, { hasInstallScript }]) => hasInstallScript === true));
      expect(wanting.filter((path) => !FINE_WITHOUT_SCRIPT.includes(path))).to.deep.equal([]);
    });
  });
}

const pathsOf = (some: readonly (readonly [path: string, entry: Entry])[]): string[] => some.map(([path]) => path);
