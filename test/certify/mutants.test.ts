import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MUTANTS, mutate } from './mutants.js';

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
      const dist = await mutate(DIST, FOLDER, mutant);
      for (const { file } of mutant.changes) await promisify(execFile)(process.execPath, ['--check', join(dist, file)]);
    });
  }
});
