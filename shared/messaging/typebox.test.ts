import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import Type, { Compile } from './typebox.js';

describe('typebox', () => {
  it('is in one file once it is built', async () => {
    const built = await readFile(new URL('typebox.js', import.meta.url), 'utf8');
    expect(built.match(/^(?:import|export) .* from .*$/gm)).to.equal(null);
  });

  it('checks what its types are made of', () => {
    const [valid, [fault]] = Compile(Type.Object({ pieces: Type.Integer() })).Errors({ pieces: 1.5 });
    expect(valid).to.equal(false);
    expect(fault).to.include({ instancePath: '/pieces', message: 'must be integer' });
  });
});
