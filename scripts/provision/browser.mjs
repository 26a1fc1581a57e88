import { Failure } from '../terminal/failure.mjs';
import { executables, outputOf, searchPath } from './binaries.mjs';
import { findInstaller, installPackages } from './packages.mjs';

/** The browser that the console is tested in: Chromium, or one that is built on it. It needs no instance of its own. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Where it is without being in PATH. */
const ELSEWHERE = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
const PACKAGES = { apt: ['chromium'], brew: ['chromium'] };

/**
 * The path of an installed browser; installs one where there is none.
 * @param {{ folders?: readonly string[], signal?: AbortSignal, say?: (line: string) => void }} [options] `folders` it is looked for in
 * @throws {Failure}
 */
export async function provideBrowser({ folders = [...searchPath(), ...ELSEWHERE], signal, say = () => {} } = {}) {
  const there = await findBrowser(folders);
  if (there) return there;
  const installer = await findInstaller();
  if (!installer) {
    throw new Failure('there is no Chromium, in which the console is tested, and packages cannot be installed here', {
      remedy: `install one of ${NAMES.join(', ')}, then run the same command again`,
    });
  }
  say(`Installing Chromium with ${installer.name}`);
  await installPackages([{ packages: PACKAGES }], installer, signal ? { signal } : {});
  const installed = await findBrowser(folders);
  if (!installed)
    throw new Failure('Chromium was installed and is not there', { remedy: `look for ${NAMES.join(', ')}` });
  return installed;
}

/**
 * The first that runs: what has the name may only be a hint to install it.
 * @param {readonly string[]} folders
 */
async function findBrowser(folders) {
  for (const name of NAMES) {
    for (const path of executables(name, folders)) {
      if ((await outputOf(path, ['--version']))?.match(/\d+\./)) return path;
    }
  }
  return undefined;
}
