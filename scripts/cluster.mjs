import { resolve } from 'node:path';
import { controlNode, NODES, startCluster, stopCluster } from './provision/cluster.mjs';
import { describeFailure, Failure } from './terminal/failure.mjs';
import { describeOptions, parseOptions, unknown } from './terminal/options.mjs';
import { runHere } from './terminal/run-here.mjs';

/** Starts and stops a cluster of three RabbitMQ nodes, or single nodes of it, for fault runs. */

const ACTIONS = ['up', 'down', 'kill', 'ctl'];
const OPTIONS = /** @type {const} */ ({
  dir: { kind: 'value', value: 'FOLDER', help: 'where they live, with their data' },
  help: { kind: 'flag', help: 'this text' },
});
const HELP = `node scripts/cluster.mjs ACTION [NODE…] --dir FOLDER

  up    start them, the first time together; they come back with the same data, ports and passwords
  down  stop them in good order
  kill  end them at once, as a crash would
  ctl   rabbitmqctl on one node: ctl 2 -- cluster_status

Nodes: ${NODES.join(', ')}; without one, all of them.
up prints shell assignments for the URLs.

${describeOptions(OPTIONS)}
`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { flags, values, words } = parseOptions(args, OPTIONS);
  const [action = 'help', ...rest] = words;
  if (flags.has('help') || action === 'help') {
    process.stdout.write(HELP);
    return;
  }
  if (!ACTIONS.includes(action)) throw unknown('action', action, ACTIONS);
  const given = values.dir?.at(-1);
  if (given === undefined) throw new Failure('It is not said where', { remedy: 'name the folder: --dir FOLDER' });
  const home = resolve(given);
  if (action === 'ctl') {
    const [node = '', ...command] = rest;
    return runHere(controlNode(home, nodeNamed(node)), command);
  }
  const nodes = rest.length === 0 ? NODES : rest.map(nodeNamed);
  if (action === 'down') await stopCluster(home, nodes);
  if (action === 'kill') await stopCluster(home, nodes, { force: true });
  if (action === 'up') {
    const urls = await startCluster(home, nodes);
    for (const [name, url] of Object.entries(urls)) process.stdout.write(`export ${name}='${url}'\n`);
  }
}

/** @param {string} word */
function nodeNamed(word) {
  const found = NODES.find((node) => String(node) === word);
  if (!found) throw unknown('node', word, NODES.map(String));
  return found;
}
