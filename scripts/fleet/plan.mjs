import { whyInstall } from '../build/dependencies.mjs';
import { withoutPassword } from '../provision/given.mjs';
import { chooseSource } from '../provision/provide.mjs';

/**
 * What a start would do, in its order. Changes nothing.
 * @param {object} setting
 * @param {string} setting.root
 * @param {readonly import('../provision/server.mjs').Server[]} setting.servers
 * @param {import('../provision/provide.mjs').Setting} setting.setting
 * @param {Map<string, string[]>} setting.commands
 * @param {Map<string, number>} setting.counts
 * @param {number} setting.port
 */
export async function planLines({ root, servers, setting, commands, counts, port }) {
  const why = whyInstall(root);
  const lines = [
    why
      ? `Install the dependencies with npm ci: ${why}`
      : 'Leave the dependencies as they are: they are those of package-lock.json',
    'Compile what changed into dist/',
  ];
  for (const server of servers)
    lines.push(`${server.title}: ${describeSource(await chooseSource(server, setting), server)}`);
  lines.push(`Migrate and declare the topology: ${commands.get('release')?.join(' ')}`);
  lines.push('Load the sample catalogue: node dist/scripts/sample-catalogue.js');
  lines.push('Start the sandbox: provider, mail-sink');
  const processes = [...counts].filter(([, count]) => count > 0);
  lines.push(`Start ${processes.map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ')}`);
  if (counts.get('web') !== 0) lines.push(`Take orders on http://127.0.0.1:${port}`);
  return ['This would:', ...lines.map((line, at) => `${String(at + 1).padStart(3)}. ${line}`)];
}

/**
 * @param {import('../provision/provide.mjs').Source} source
 * @param {import('../provision/server.mjs').Server} server
 */
function describeSource(source, server) {
  switch (source.from) {
    case 'environment':
      return `use ${source.given.urls.map(withoutPassword).join(', ')} (${source.given.variable})`;
    case 'running':
      return `use our own that is running (${withoutPassword(Object.values(server.urls(source.record))[0] ?? '')})`;
    case 'installed':
      return `start ${source.installed.binary} (${source.installed.version}) as an instance of our own`;
    case 'compose':
      return 'start it with docker compose';
    case 'packages':
      return `install ${server.packages[source.installer.name].join(' ')} with ${source.installer.name}, and start an instance of our own`;
    case 'nowhere':
      return `fail: it is not installed, no container engine answers, and nothing can be installed; ${server.variables[0]} is not set`;
  }
}
