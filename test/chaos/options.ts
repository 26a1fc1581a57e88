/** What `npm run chaos` is told. */
import { orNone, type Parsed, type Variable, wholeNumber, words } from '../../config/variable.js';
import { flag, texts } from '../../scripts/command-line.js';
import type { Fault } from './fault.js';
import { FAULTS } from './faults/catalogue.js';

export const options = {
  cluster: flag(
    '--cluster',
    'RabbitMQ is a cluster of three nodes, which are killed, rolled and cut off from each other',
  ),
  minutes: wholeNumber(
    { names: ['--minutes'], fallback: '5', meaning: 'how long orders are placed and faults happen' },
    1,
    1440,
  ),
  faults: faultsOption(),
  seed: orNone(words({ names: ['--seed'], meaning: 'decides which fault hits whom, and when; printed by every run' })),
  rate: wholeNumber({ names: ['--rate'], fallback: '20', meaning: 'orders placed a second, come what may' }, 1, 1000),
  processes: wholeNumber({ names: ['--processes'], fallback: '2', meaning: 'of web and of each worker' }, 1, 10),
  orders: orNone(
    words({
      names: ['--orders'],
      meaning:
        'CSV file in the format of the UCI "Online Retail" data set, placed over and over; without it the orders of the bench',
    }),
  ),
  waitS: wholeNumber(
    {
      names: ['--wait'],
      fallback: '900',
      meaning: 'give up when no order comes to its end, or the fleet does not come to rest, for so many seconds',
    },
    1,
    86_400,
  ),
  help: flag('--help', 'this text'),
};
export type ChaosOptions = Parsed<typeof options>;

/** Those that were asked for, by default all that are dealt, as far as they can happen with such a broker. */
export function chosenFaults({ faults, cluster }: Pick<ChaosOptions, 'faults' | 'cluster'>): Fault[] {
  const asked = faults.length > 0 ? faults : FAULTS.filter(({ weight }) => weight > 0);
  const kind = cluster ? 'cluster' : 'single';
  return asked.filter(({ broker = kind }) => broker === kind);
}

function faultsOption(): Variable<readonly Fault[]> {
  const variable = texts('--faults', 'only these, separated by commas');
  return {
    ...variable,
    expects: `some of ${FAULTS.map(({ name }) => name).join(', ')}, separated by commas`,
    parse: (value) => {
      const names = variable.parse(value);
      return names.map((name) => {
        const fault = FAULTS.find((one) => one.name === name.trim());
        if (fault === undefined) throw new RangeError();
        return fault;
      });
    },
  };
}
