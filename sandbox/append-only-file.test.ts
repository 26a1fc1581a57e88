import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppendOnlyFile, type AppendOnlyFileOptions } from './append-only-file.js';
import { linesOf } from './lines.js';
import { withFolder } from './support/folder.js';

const OPTIONS: AppendOnlyFileOptions = { survives: 'power loss', gatherMs: 1 };

async function textsOf(file: AppendOnlyFile): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of linesOf(file.read())) texts.push(text);
  return texts;
}

describe('AppendOnlyFile', () => {
  it('has a line on disk when its append resolves, in the order of the appends', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'deep', 'lines');
      const file = await AppendOnlyFile.open(path, OPTIONS);
      const wanted = Array.from({ length: 500 }, (_, i) => `line ${i} ü`);
      for (const [i, appended] of wanted.map((line) => file.append(line)).entries()) {
        await appended;
        expect((await readFile(path, 'utf8')).split('\n')).to.include(`line ${i} ü`);
      }
      expect(await textsOf(file)).to.deep.equal(wanted);
      await file.close();
    }));

  for (const torn of ['{"half', 'x'.repeat(200_000)]) {
    it(`cuts off a torn last line of ${torn.length} bytes and goes on after the whole ones`, () =>
      withFolder(async (folder) => {
        const path = join(folder, 'lines');
        const first = await AppendOnlyFile.open(path, OPTIONS);
        await Promise.all([first.append('one'), first.append('two')]);
        await first.close();
        await appendFile(path, torn);

        const second = await AppendOnlyFile.open(path, OPTIONS);
        await second.append('three');
        expect(await textsOf(second)).to.deep.equal(['one', 'two', 'three']);
        await second.close();
      }));
  }

  it('starts empty when a torn line is all there is', () =>
    withFolder(async (folder) => {
      await appendFile(join(folder, 'lines'), '{"half');
      const file = await AppendOnlyFile.open(join(folder, 'lines'), OPTIONS);
      expect(await textsOf(file)).to.deep.equal([]);
      expect(file.size).to.equal(0);
      await file.close();
    }));

  it('finds each line again by its place', () =>
    withFolder(async (folder) => {
      const file = await AppendOnlyFile.open(join(folder, 'lines'), OPTIONS);
      const wanted = ['a', 'größer', 'x'.repeat(3_000_000), 'z'];
      await Promise.all(wanted.map((line) => file.append(line)));
      const found: string[] = [];
      for await (const { start, length } of linesOf(file.read())) found.push(await file.readAt(start, length));
      expect(found).to.deep.equal(wanted);
      await file.close();
    }));

  it('forgets what was appended before a clear and keeps what comes after it', () =>
    withFolder(async (folder) => {
      const file = await AppendOnlyFile.open(join(folder, 'lines'), OPTIONS);
      await file.append('before');
      await file.clear();
      await file.append('after');
      expect(await textsOf(file)).to.deep.equal(['after']);
      await file.close();
    }));
});
