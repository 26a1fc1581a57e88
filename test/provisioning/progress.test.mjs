import { expect } from 'chai';
import { describeFailure, Failure } from '../../scripts/terminal/failure.mjs';
import { Progress } from '../../scripts/terminal/progress.mjs';
import { tableLines } from '../../scripts/terminal/table.mjs';
import { together } from '../../scripts/terminal/together.mjs';

describe('progress', () => {
  /**
   * A stream that keeps what is written, and shows what a terminal would show in the end.
   * @param {boolean} isTTY
   */
  function screen(isTTY) {
    let written = '';
    const write = (/** @type {string | Uint8Array} */ text) => {
      written += text;
      return true;
    };
    const shown = () => written.split('\n').map((line) => line.split('\r\u001b[2K').at(-1));
    return { stream: { isTTY, columns: 40, write }, shown };
  }

  it('is a line when a step begins and one when it ends, where there is no terminal', async () => {
    const { stream, shown } = screen(false);
    const progress = new Progress(stream);
    await progress.step('Compiling', () => Promise.resolve());
    await progress.step('Migrating', () => Promise.reject(new Error('no'))).catch(() => {});
    expect(shown().map((line) => line?.replace(/[\d.]+ s$/, 'n s'))).to.deep.equal([
      '… Compiling',
      '✓ Compiling n s',
      '… Migrating',
      '✗ Migrating n s',
      '',
    ]);
  });

  it('leaves on a terminal only what has ended and what was said', async () => {
    const { stream, shown } = screen(true);
    const progress = new Progress(stream);
    progress.colour = (_colour, text) => text;
    await Promise.all([
      progress.step('Compiling', async () => progress.say('a word')),
      progress.step('Providing', () => new Promise((resolve) => setImmediate(resolve))),
    ]);
    progress.say('Ready');
    expect(shown().map((line) => line?.replace(/[\d.]+ s$/, 'n s'))).to.deep.equal([
      'a word',
      '✓ Compiling n s',
      '✓ Providing n s',
      'Ready',
      '',
    ]);
  });
});

describe('a table', () => {
  it('has columns as wide as their widest cell', () => {
    expect(
      tableLines([
        ['PART', 'VERSION'],
        ['web', '1'],
        ['dead-letters', '15.18'],
      ]),
    ).to.deep.equal(['PART          VERSION', '────────────  ───────', 'web           1', 'dead-letters  15.18']);
  });
});

describe('a failure', () => {
  it('is told with what failed, why, and what to do', () => {
    const failure = new Failure('Redis did not start', { why: 'port taken\nbye', remedy: 'free the port' });
    expect(describeFailure(failure)).to.equal('Redis did not start\n    port taken\n    bye\n  → free the port');
  });

  it('of the file system is told with what to do, too', () => {
    const error = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/x/.local' });
    expect(describeFailure(error)).to.match(/^Cannot use \/x\/\.local\n.*permission denied\n.*chown/);
  });

  it('of one thing ends what is done beside it, and is the one that is told', async () => {
    /** @type {string[]} */
    const told = [];
    const failing = together([
      () => Promise.reject(new Error('the first')),
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told.push('to stop');
            reject(new Error('the second'));
          });
        }),
    ]);
    expect(await failing.catch((error) => error.message)).to.equal('the first');
    expect(told).to.deep.equal(['to stop']);
  });
});
