import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { changedFiles, MUTANTS } from './mutants.js';

const DIST = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = '.local/certify/checked';

describe('the mutants of certification', function () {
  this.timeout(60_000);
  after(() => rm(FOLDER, { recursive: true, force: true }));

  it('are six', () => {
    expect(MUTANTS).to.have.length(6);
  });

  for (const mutant of MUTANTS) {
    it(`"${mutant.name}" finds its place in the program, and is a program still`, async () => {
      await mkdir(FOLDER, { recursive: true });
      for (const text of (await changedFiles(DIST, mutant)).values()) {
        const path = join(FOLDER, 'changed.js');
        await writeFile(path, text);
        await promisify(execFile)(process.execPath, ['--check', path]);
      }
    });
  }
});
