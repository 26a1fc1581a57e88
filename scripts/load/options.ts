/** What `npm run load` is told. */
import { DEVELOPMENT } from '../../config/environment.js';
import { orNone, type Parsed, url, type Variable, wholeNumber, words } from '../../config/variable.js';
import { countOrNone, flag, share } from '../command-line.js';

export const options = {
  orders: words({ names: ['--orders'], meaning: 'CSV file in the format of the UCI "Online Retail" data set' }),
  url: url(
    {
      names: ['--url'],
      fallback: `http://127.0.0.1:${process.env['PORT'] || '8080'}`,
      meaning: 'where the intake answers',
    },
    ['http', 'https'],
  ),
  key: words({ names: ['--key'], fallback: DEVELOPMENT.storefrontKey, meaning: 'API key of the storefront' }),
  limit: countOrNone('--limit', 'place only the first so many orders', 10_000_000),
  rate: countOrNone(
    '--rate',
    'begin so many orders a second, come what may; without it, as fast as answers come',
    100_000,
  ),
  concurrency: wholeNumber(
    { names: ['--concurrency'], fallback: '64', meaning: 'requests under way at once at most' },
    1,
    2000,
  ),
  shortShare: share('--short-share', 'share of the SKUs that get half the pieces that are needed', '0.02'),
  declinedShare: share('--declined-share', 'share of the orders whose payment is declined', '0'),
  cancelShare: share('--cancel-share', 'share of the orders that the customer cancels once they are placed', '0'),
  seed: words({ names: ['--seed'], fallback: 'warren', meaning: 'decides which ones those are' }),
  run: prefix('--run', 'put before every idempotency key, to place the same file once more'),
  drainTimeoutS: wholeNumber(
    {
      names: ['--drain-timeout'],
      fallback: '300',
      meaning: 'give up when no order has been placed or come to its end for so many seconds',
    },
    1,
    86_400,
  ),
  log: orNone(
    words({
      names: ['--log'],
      meaning: 'write what became of each request for an order to this file, for npm run audit -- --requests FILE',
    }),
  ),
  json: flag('--json', 'print the figures as one JSON object on the last line'),
  help: flag('--help', 'this text'),
};

export type LoadOptions = Parsed<typeof options>;

function prefix(name: string, meaning: string): Variable<string> {
  return {
    ...words({ names: [name], fallback: '', meaning }),
    expects: 'up to 100 letters, digits, dots, dashes and underscores',
    parse: (value) => {
      if (!/^[\w.-]{0,100}$/.test(value)) throw new RangeError();
      return value;
    },
  };
}
