import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isSound } from '../../audit/auditor.js';
import type { Failpoint } from '../../shared/observability/failpoint.js';
import { createBroker } from '../support/broker.js';
import { certifyCell } from './boundaries.js';
import { MUTANTS, type Mutant, mutate } from './mutants.js';
import { faultLines } from './report.js';
import { type Part, Stand } from './stand.js';
import { auditOf } from './verdict.js';

const DIST = fileURLToPath(new URL('../../', import.meta.url));
const QUIET_WITHIN_MS = 40_000;

/** One boundary of each kind; `npm run certify` has all of them. */
const CELLS: readonly [Part, Failpoint][] = [
  ['web', 'intake-committed'],
  ['orders', 'commit-committed'],
  ['payment', 'effect-performed'],
  ['relay', 'relay-leased'],
];

describe('certification, in short', function () {
  this.timeout(180_000);

  const onStand = async (dist: string, work: (stand: Stand) => Promise<void>): Promise<void> => {
    const broker = await createBroker();
    const stand = await Stand.start(dist, { RABBITMQ_URL: broker.url });
    try {
      await work(stand);
    } finally {
      await stand.stop();
      await broker.close();
    }
  };

  it('finds nothing lost and nothing done twice, though processes die between any two steps', async () => {
    await onStand(DIST, async (stand) => {
      const cells = [];
      for (const [part, failpoint] of CELLS) cells.push(await certifyCell(stand, part, failpoint));
      const { verdicts, underWay } = await auditOf(stand.deployment, QUIET_WITHIN_MS);
      expect([...faultLines(cells, verdicts), ...underWay]).to.deep.equal([]);
    });
  });

  it('would find a message that is acked before its commit', async () => {
    const mutant = MUTANTS.find(({ name }) => name === 'ack before the commit');
    const dist = await mutate(DIST, '.local/certify/short', needed(mutant));
    await onStand(dist, async (stand) => {
      const orderIds = await needed(mutant).provoke(stand);
      expect(await stand.unfinished(orderIds, 8000)).not.to.deep.equal([]);
      expect(isSound((await auditOf(stand.deployment, 0)).verdicts)).to.equal(false);
    });
  });
});

function needed(mutant: Mutant | undefined): Mutant {
  if (mutant === undefined) throw new TypeError('there is no such mutant');
  return mutant;
}
