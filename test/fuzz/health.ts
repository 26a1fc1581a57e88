/** Whether a fleet is as well as before. */
import type { Listener } from '../../audit/evidence.js';
import { DEAD_LETTERS, RETRY_RUNGS, UNFILED } from '../../shared/rabbitmq/topology.js';
import type { Deployment } from '../support/deployment.js';
import { until } from '../support/until.js';
import type { OddPublisher } from './odd-publisher.js';

const EMPTY_WITHIN_MS = 30_000;

/** Processes that ended, lost the broker or take nothing any more, and queues that do not get empty. */
export async function illnesses(
  fleet: Deployment,
  publisher: OddPublisher,
  listeners: readonly Listener[],
): Promise<string[]> {
  const work = [...listeners.map(({ actor }) => actor), DEAD_LETTERS];
  const full = await Promise.all(
    [...work, UNFILED, ...RETRY_RUNGS.map(({ name }) => name)].map((queue) =>
      until('it is empty', async () => (await publisher.look(queue)).messageCount === 0, EMPTY_WITHIN_MS).then(
        () => [],
        () => [`queue ${queue} does not get empty`],
      ),
    ),
  );
  const idle = await Promise.all(
    work.map(async (queue) => {
      const { consumerCount } = await publisher.look(queue);
      return consumerCount === 1 ? [] : [`${consumerCount} processes take from ${queue}`];
    }),
  );
  // What was to end has ended: only a release step and the catalogue are over.
  const ended = fleet.running.filter(
    ({ name, child }) => !ENDS.test(name) && (child.exitCode ?? child.signalCode) !== null,
  );
  const ill = fleet
    .output()
    .split('\n')
    .filter((line) => ILL.test(line));
  return [
    ...full.flat(),
    ...idle.flat(),
    ...ended.map(({ name, output }) => `${name} ended: ${output().slice(-2000)}`),
    ...ill.map((line) => `a process was ill: ${line.slice(0, 500)}`),
  ];
}

const ENDS = /^scripts\//;
/** The broker is there all the time: a connection that ends was ended by what came or was sent on it. */
const ILL = /"msg":"(?:lost the broker|the (?:consuming|publishing) channel failed)|"level":"fatal"/;
