import { expect } from 'chai';
import { parseProcfile } from '../../scripts/fleet/procfile.mjs';
import { parseScale } from '../../scripts/fleet/scale.mjs';
import { parseOptions } from '../../scripts/terminal/options.mjs';

const OPTIONS = /** @type {const} */ ({
  scale: { kind: 'value', value: 'NAME=N', help: '' },
  plan: { kind: 'flag', help: '' },
});

describe('the command line', () => {
  it('takes values beside the option or after it, several times', () => {
    const { values, flags, words } = parseOptions(['--scale', 'a=1', '--plan', '--scale=b=2', 'up'], OPTIONS);
    expect(values).to.deep.equal({ scale: ['a=1', 'b=2'] });
    expect([...flags]).to.deep.equal(['plan']);
    expect(words).to.deep.equal(['up']);
  });

  it('leaves what stands after -- alone', () => {
    expect(parseOptions(['ctl', '--', '--plan'], OPTIONS).words).to.deep.equal(['ctl', '--plan']);
  });

  it('refuses an unknown option and says what was probably meant', () => {
    expect(() => parseOptions(['--scael', 'a=1'], OPTIONS)).to.throw('no option --scael; did you mean --scale?');
    expect(() => parseOptions(['--frobnicate'], OPTIONS)).to.throw(/no option --frobnicate$/);
  });

  it('refuses an option that lacks its value, and a flag that has one', () => {
    expect(() => parseOptions(['--scale'], OPTIONS)).to.throw('--scale needs a value: NAME=N');
    expect(() => parseOptions(['--plan=yes'], OPTIONS)).to.throw('--plan takes no value');
  });
});

describe('--scale', () => {
  const names = ['web', 'inventory', 'payment'];

  it('counts one of each process unless told otherwise', () => {
    const counts = parseScale(['inventory=2,payment=0', 'payment=3'], names);
    expect(Object.fromEntries(counts)).to.deep.equal({ web: 1, inventory: 2, payment: 3 });
  });

  it('refuses a process that is not in the Procfile and says what was probably meant', () => {
    expect(() => parseScale(['inventry=2'], names)).to.throw('no process inventry; did you mean inventory?');
  });

  for (const wrong of ['inventory', 'inventory=', 'inventory=two', 'inventory=-1', 'inventory=1.5', '=2']) {
    it(`refuses ${wrong}`, () => {
      expect(() => parseScale([wrong], names)).to.throw('not of the form name=count');
    });
  }

  it('refuses a second web, which would find the port taken, and a count that is a slip', () => {
    expect(() => parseScale(['web=2'], names)).to.throw('one port, one process');
    expect(() => parseScale(['payment=500'], names)).to.throw('more than 50');
  });
});

describe('the Procfile', () => {
  it('is read in its order, without comments and empty lines', () => {
    const commands = parseProcfile('# the fleet\nweb: node dist/api/start.js\n\ndead-letters:  node dist/a.js b \r\n');
    expect([...commands]).to.deep.equal([
      ['web', ['node', 'dist/api/start.js']],
      ['dead-letters', ['node', 'dist/a.js', 'b']],
    ]);
  });

  it('is refused with the line that is wrong', () => {
    expect(() => parseProcfile('web: node a.js\nworker node b.js')).to.throw(
      'Line 2 of the Procfile is not of the form',
    );
    expect(() => parseProcfile('web: node a.js\nweb: node b.js')).to.throw('Line 2 of the Procfile names web a second');
  });

  for (const command of ['npm start', 'node a.js && node b.js', 'PORT=1 node a.js', 'node $FILE', 'node a.js > log']) {
    it(`refuses ${command}, which a shell would have to run`, () => {
      expect(() => parseProcfile(`web: ${command}`)).to.throw('not a plain "node …" command');
    });
  }
});
