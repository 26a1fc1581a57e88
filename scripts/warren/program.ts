/** `warren`, put together from its commands. */
import { Command } from 'commander';
import { actionsCommand } from './actions.js';
import type { Running } from './command.js';
import { completionCommand } from './completion.js';
import { deadLetterCommands } from './dead-letters.js';
import { doctorCommand } from './doctor.js';
import { eventCommands } from './events.js';
import { explainCommand } from './explain.js';
import { instancesCommand } from './instances.js';
import { keyCommands } from './keys.js';
import { orderCommands } from './orders.js';
import { queueCommands } from './queues.js';
import { replayCommands } from './replays.js';
import { statusCommand } from './status.js';
import { storefrontCommands } from './storefronts.js';
import { topologyCommands } from './topology.js';

const EXIT_CODES = `
Exit codes: 0 well and done; 1 not well, refused or failed; 2 the command line is wrong.
Documentation: docs/operating.md`;

/** @throws {CommanderError} for what cannot be understood, instead of ending the process */
export function warren(running: Running, write: (text: string) => void): Command {
  const program = new Command('warren')
    .description('Looks after a fleet: what waits and why, orders, dead letters, replays, storefronts and their keys.')
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', EXIT_CODES);
  statusCommand(program, running);
  explainCommand(program, running);
  orderCommands(program, running);
  deadLetterCommands(program, running);
  replayCommands(program, running);
  eventCommands(program, running);
  queueCommands(program, running);
  storefrontCommands(program, running);
  keyCommands(program, running);
  instancesCommand(program, running);
  topologyCommands(program, running);
  actionsCommand(program, running);
  doctorCommand(program, running);
  completionCommand(program, write);
  return program;
}
