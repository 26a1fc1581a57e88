/** `warren doctor`. */
import type { Command } from 'commander';
import { addCommand, type Running } from './command.js';
import type { Finding } from './diagnosis.js';

export function doctorCommand(parent: Command, running: Running): void {
  addCommand(
    parent,
    running,
    'doctor',
    'whether a fleet can run with this environment: configuration, versions, permissions, connections',
    async ({ api }) => {
      // Whoever only asks web waits for none of what asks servers.
      const { examine } = await import('./examination.js');
      const findings = await examine(api);
      return { json: findings, lines: findingLines(findings), well: findings.every(({ well }) => well) };
    },
  );
}

function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings.flatMap(({ what, well, says, remedy }) => [
    `${well ? '✓' : '✗'} ${what.padEnd(width)}  ${says}`,
    ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}  → ${remedy}`]),
  ]);
}
