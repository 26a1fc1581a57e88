import { expect } from 'chai';
import { wholeNumber, words } from '../config/variable.js';
import { countOrNone, describeOptions, flag, readCommandLine, share } from './command-line.js';

const options = {
  orders: words({ names: ['--orders'], meaning: 'the file' }),
  rate: countOrNone('--rate', 'orders a second', 1000),
  lanes: wholeNumber({ names: ['--lanes'], fallback: '8', meaning: 'at once' }, 1, 99),
  short: share('--short', 'share of the SKUs', '0.02'),
  json: flag('--json', 'as JSON'),
};
const faultsOf = (...args: string[]): string[] => {
  try {
    readCommandLine(options, args);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};

describe('a command line', () => {
  it('is read with defaults for what it does not say', () => {
    expect(readCommandLine(options, ['--orders', 'a.csv', 'word']).options).to.deep.equal({
      orders: 'a.csv',
      rate: undefined,
      lanes: 8,
      short: 0.02,
      json: false,
    });
  });

  it('is read with a value after the option or after an equals sign, the last one counting', () => {
    const { options: given, words: left } = readCommandLine(options, [
      'drain',
      '--orders=a',
      '--rate',
      '5',
      '--rate=7',
      '--json',
    ]);
    expect(given).to.include({ orders: 'a', rate: 7, json: true });
    expect(left).to.deep.equal(['drain']);
  });

  it('is refused with all that is wrong with it at once', () => {
    expect(faultsOf('--oders', 'x', '--rate', '0', '--short', '1.2', '--json=yes')).to.deep.equal([
      'there is no option --oders; there are --orders, --rate, --lanes, --short, --json',
      '--json takes no value',
      '--orders is not set; it is a text: the file',
      '--rate must be a whole number from 1 to 1000: orders a second',
      '--short must be a number from 0 to 1: share of the SKUs',
    ]);
    expect(faultsOf('--orders')).to.include('--orders needs a value');
  });

  it('is explained with the defaults there are', () => {
    expect(describeOptions(options).split('\n')).to.deep.equal([
      '  --orders …  the file',
      '  --rate …    orders a second',
      '  --lanes …   at once (default 8)',
      '  --short …   share of the SKUs (default 0.02)',
      '  --json      as JSON',
    ]);
  });
});
