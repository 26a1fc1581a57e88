/** `warren topology`: how exchanges, queues and bindings at the broker differ from what the release declares, and making them so. */
import type { Command } from 'commander';
import type { TopologyPlan } from '../../shared/rabbitmq/live-topology.js';
import type { Applied } from '../../shared/rabbitmq/topology-apply.js';
import type { OperatorApi } from './api.js';
import { addCommand, type Running } from './command.js';
import { usersCommand } from './users-command.js';

export function topologyCommands(parent: Command, running: Running): void {
  const topology = parent
    .command('topology')
    .description('compares the broker with what the release declares, and mends it');
  addCommand(
    topology,
    running,
    'plan',
    'what is missing, differs or is superfluous; exit code 1 if anything',
    async ({ api }) => {
      const plan = await api.get<TopologyPlan>('/topology');
      return { json: plan, lines: planLines(plan), well: plan.differences.length === 0 };
    },
  );
  addCommand<{ readonly reason: string }>(
    topology,
    running,
    'apply',
    'adds what is missing, migrates queues that differ without loss, takes away what is superfluous and empty',
    async ({ api, options: { reason } }) => {
      const applied = await toItsEnd(api, reason);
      const { did, refused } = applied;
      const lines = [...did.map((step) => `did: ${step}`), ...refused.map((why) => `refused: ${why}`)];
      return { json: applied, lines: [...lines, ...planLines(applied)], well: applied.differences.length === 0 };
    },
  ).requiredOption('--reason <text>', 'why');
  usersCommand(topology, running);
}

/** Web works on it for some seconds at a time. Says to standard error what is waited for. */
async function toItsEnd(api: OperatorApi, reason: string): Promise<Applied> {
  const did: string[] = [];
  for (;;) {
    const applied = await api.post<Applied>('/topology/apply', { reason });
    did.push(...applied.did.filter((step) => !did.includes(step)));
    if (applied.waits.length === 0) return { ...applied, did };
    process.stderr.write(`waits for ${applied.waits.join(', ')}\n`);
  }
}

function planLines({ differences, unseen }: TopologyPlan): string[] {
  return [
    ...(differences.length === 0 ? ['what is live is what is declared'] : differences.map(lineOf)),
    ...unseen.map((what) => `not seen: ${what}`),
  ];
}

const SIGNS = [
  ['-missing', '+'],
  ['-superfluous', '-'],
] as const;

function lineOf({ kind, says }: TopologyPlan['differences'][number]): string {
  const [, sign] = SIGNS.find(([end]) => kind.endsWith(end)) ?? ['', '~'];
  return `${sign} ${says}`;
}
