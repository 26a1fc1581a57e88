import { expect } from 'chai';
import { type Chunk, chunked } from './chunks.js';

describe('the lines of a file that is imported', () => {
  async function* lines(...texts: string[]): AsyncGenerator<string> {
    yield* texts;
  }
  const chunksOf = async (...texts: string[]): Promise<Chunk[]> => {
    const chunks: Chunk[] = [];
    for await (const chunk of chunked(lines(...texts))) chunks.push(chunk);
    return chunks;
  };

  it('keep their numbers, and blank ones are none', async () => {
    expect(await chunksOf('{"n":1}', '', ' ', '{"n":2}')).to.deep.equal([
      { lines: [1, 4], messages: [{ n: 1 }, { n: 2 }] },
    ]);
    expect(await chunksOf('')).to.deep.equal([]);
  });

  it('come in chunks of so many messages and so many bytes, without losing one', async () => {
    const many = await chunksOf(...Array.from({ length: 1001 }, (_, n) => String(n)));
    expect(many.map(({ messages }) => messages.length)).to.deep.equal([500, 500, 1]);
    expect(many.flatMap(({ messages }) => messages)).to.deep.equal(Array.from({ length: 1001 }, (_, n) => n));
    const large = JSON.stringify('x'.repeat(300_000));
    expect((await chunksOf(large, large, '1', large)).map((chunk) => chunk.lines)).to.deep.equal([[1], [2, 3], [4]]);
  });

  it('are refused by their number where they are no JSON, or fit into no request', async () => {
    const fault = (...texts: string[]): Promise<unknown> => chunksOf(...texts).catch((error: Error) => error.message);
    expect(await fault('1', '', '{"n":')).to.match(/^line 3 is no JSON/);
    expect(await fault('1', JSON.stringify('x'.repeat(500_000)))).to.match(/^line 2 has 500002 bytes/);
  });
});
