/** `warren`: looks after a fleet through the operators' API of web. */
import 'reflect-metadata';
import { CommanderError } from 'commander';
import { DEVELOPMENT } from '../config/environment.js';
import { ApiAway, ApiRefused } from './warren/api.js';
import { warren } from './warren/program.js';

const NOT_WELL = 1;
const USAGE = 2;

const write = (text: string): void => void process.stdout.write(text);

// Whoever reads may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = warren(
  {
    defaults: {
      url: process.env['WARREN_URL'] || `http://127.0.0.1:${process.env['PORT'] || 8080}`,
      key: process.env['WARREN_OPERATOR_KEY'] || DEVELOPMENT.operatorKey,
    },
    answer({ json, lines, well = true }, asJson) {
      if (json !== undefined) write(`${asJson ? JSON.stringify(json) : lines.join('\n')}\n`);
      process.exitCode = well ? 0 : NOT_WELL;
    },
  },
  write,
);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}

/** Says what went wrong, and returns the exit code. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said the rest; an argument that only its command can judge says so itself.
    if (error.code === 'commander.invalidArgument' && !error.message.startsWith('error:'))
      process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode === 0 ? 0 : USAGE;
  }
  const plain = error instanceof ApiAway || error instanceof ApiRefused;
  process.stderr.write(`${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  return error instanceof ApiRefused && error.code === 'request.invalid' ? USAGE : NOT_WELL;
}
