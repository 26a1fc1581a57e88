import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../terminal/command.mjs';
import { executables, outputOf, searchPath } from './binaries.mjs';

/**
 * A way to install packages here, without a password being asked for.
 * @typedef {object} Installer
 * @property {'apt' | 'brew'} name
 * @property {readonly string[]} prefix what stands before a command that needs root
 */

/** Marks the policy file as ours, so that one left behind by a killed run is known again. */
const OUR_MARK = '# written by warren while it installs packages';
const POLICY = '/usr/sbin/policy-rc.d';

/** @returns {Promise<Installer | undefined>} */
export async function findInstaller() {
  if (executables('apt-get', searchPath()).length > 0) {
    if (process.getuid?.() === 0) return { name: 'apt', prefix: [] };
    if ((await outputOf('sudo', ['-n', 'true'])) !== undefined) return { name: 'apt', prefix: ['sudo', '-n'] };
  }
  if (executables('brew', searchPath()).length > 0) return { name: 'brew', prefix: [] };
  return undefined;
}

/**
 * Installs the packages that these come in. The units that come with servers are neither started nor enabled: they
 * would hold the default ports, and we run instances of our own.
 * @param {readonly Pick<import('./server.mjs').Server, 'packages'>[]} servers
 * @param {Installer} installer
 * @param {{ signal?: AbortSignal | undefined, onLine?: (line: string) => void }} [options]
 */
export async function installPackages(servers, installer, options = {}) {
  const names = servers.flatMap((server) => server.packages[installer.name]);
  if (installer.name === 'brew') {
    await runCommand('brew', ['install', '--quiet', ...names], options);
    return;
  }
  /** @param {readonly string[]} words */
  const asRoot = (...words) => {
    const [command = '', ...args] = [...installer.prefix, ...words];
    return runCommand(command, args, { ...options, remedy: `install by hand: apt-get install ${names.join(' ')}` });
  };
  const install = () =>
    asRoot(
      ...['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get', 'install', '--yes', '--quiet'],
      ...['--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...names],
    );
  const restore = await keepUnitsFromStarting(asRoot);
  try {
    // The lists of a fresh machine are missing or old; updating them first would cost every other one the time.
    await install().catch(async () => {
      await asRoot('apt-get', 'update', '--quiet', '-o', 'DPkg::Lock::Timeout=120');
      await install();
    });
    if (existsSync('/run/systemd/system')) {
      await asRoot('systemctl', 'disable', ...servers.flatMap(unitsOf)).catch(() => undefined);
    }
  } finally {
    await restore();
  }
}

/**
 * Debian starts the units it installs, unless this file says no.
 * @param {(...words: readonly string[]) => Promise<string>} asRoot
 * @returns {Promise<() => Promise<unknown>>} puts things back as they were
 */
async function keepUnitsFromStarting(asRoot) {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'));
  const draft = join(folder, 'policy-rc.d');
  writeFileSync(draft, `#!/bin/sh\n${OUR_MARK}\nexit 101\n`);
  chmodSync(draft, 0o755);
  const aside = `${POLICY}.before-warren`;
  const script = `
    if [ -e ${POLICY} ] && ! grep -qF '${OUR_MARK}' ${POLICY}; then mv ${POLICY} ${aside}; fi
    cp ${draft} ${POLICY} && chmod 755 ${POLICY}`;
  await asRoot('sh', '-ec', script);
  rmSync(folder, { recursive: true, force: true });
  return () => asRoot('sh', '-ec', `rm -f ${POLICY}; if [ -e ${aside} ]; then mv ${aside} ${POLICY}; fi`);
}

/** @param {Pick<import('./server.mjs').Server, 'packages'>} server */
function unitsOf(server) {
  return server.packages.apt.map((name) => `${name}.service`);
}
