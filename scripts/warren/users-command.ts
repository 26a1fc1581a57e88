/** `warren topology users`, as it is typed. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Running } from './command.js';
import type { UsersWanted } from './users.js';

const PREFIX = /^[a-z][a-z0-9]*$/;

export function usersCommand(topology: Command, { answer }: Running): void {
  const command = topology
    .command('users [process...]')
    .description(
      'a role and a user for each process, by what it handles and publishes: says how to make them, or makes them. Asks the servers themselves, by DATABASE_URL of the owner of the tables and RABBITMQ_MANAGEMENT_URL of an administrator',
    )
    .option('--apply', 'make those that are missing and renew what all may do; the processes named get a new password')
    .option('--prefix <name>', 'what their names begin with', prefix, 'warren')
    .option('--json', 'print JSON instead of text');
  command.action(async () => {
    const options = command.opts<UsersWanted & { readonly json?: true }>();
    // Whoever only asks web waits for none of what asks servers.
    const { users } = await import('./users.js');
    answer(await users(command.args, options), options.json === true);
  });
}

function prefix(value: string): string {
  if (PREFIX.test(value)) return value;
  throw new InvalidArgumentError('It has to be letters and digits, a letter first.');
}
