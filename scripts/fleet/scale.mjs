import { Failure } from '../terminal/failure.mjs';
import { unknown } from '../terminal/options.mjs';

/** More of one process on one machine than this is a slip of the finger. */
const MOST = 50;

/**
 * How many of each process to run: one, unless `--scale inventory=2,payment=3` says otherwise; 0 leaves one out.
 * @param {readonly string[]} given the values of --scale
 * @param {readonly string[]} names the processes there are
 * @returns {Map<string, number>}
 */
export function parseScale(given, names) {
  const counts = new Map(names.map((name) => [name, 1]));
  for (const part of given.flatMap((value) => value.split(',')).filter((value) => value !== '')) {
    const [, name = '', count = ''] = part.match(/^([^=]+)=(\d{1,4})$/) ?? [];
    if (name === '')
      throw new Failure(`--scale ${part} is not of the form name=count`, {
        remedy: 'such as --scale inventory=2,payment=3',
      });
    if (!counts.has(name)) throw unknown('process', name, names);
    if (Number(count) > MOST) throw new Failure(`--scale ${part} is more than ${MOST}`);
    if (name === 'web' && Number(count) > 1) {
      throw new Failure('--scale web takes 0 or 1: one port, one process', { remedy: 'scale the workers instead' });
    }
    counts.set(name, Number(count));
  }
  return counts;
}
