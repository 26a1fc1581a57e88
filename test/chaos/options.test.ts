import { expect } from 'chai';
import { CommandLineFaults, readCommandLine } from '../../scripts/command-line.js';
import { FAULTS } from './faults/catalogue.js';
import { chosenFaults, options } from './options.js';

const chosen = (...args: string[]): string[] =>
  chosenFaults(readCommandLine(options, args).options).map(({ name }) => name);

describe('the options of a chaos run', () => {
  it('deal every fault but those that have to be asked for by name', () => {
    const dealt = [...new Set([...chosen(), ...chosen('--cluster')])];
    expect(dealt).to.have.members(FAULTS.filter(({ weight }) => weight > 0).map(({ name }) => name));
    expect(chosen()).not.to.include('rolling');
    expect(chosen('--faults', 'rolling')).to.deep.equal(['rolling']);
  });

  it('deal nothing that a broker of that kind cannot suffer', () => {
    expect(chosen()).to.include('broker-killed').and.not.include('node-killed');
    expect(chosen('--cluster')).to.include('node-killed').and.not.include('broker-killed');
  });

  it('refuse a fault that there is not, and name those that there are', () => {
    expect(() => chosen('--faults', 'broker-kiled')).to.throw(CommandLineFaults, 'broker-killed');
  });

  it('know each fault by a name of its own', () => {
    const names = FAULTS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });
});
