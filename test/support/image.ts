/** What the Dockerfile puts into its image, laid out in a folder: no container engine is needed to see whether it is enough. */
import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Who the image runs as has no rights here either: `nobody` of Debian, where the tests may become somebody else. */
export const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** The last stage's instructions, in their order. */
export async function lastStage(): Promise<readonly (readonly [instruction: string, rest: string])[]> {
  const text = (await readFile('Dockerfile', 'utf8')).replaceAll('\\\n', '');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  return [...last.matchAll(/^([A-Z]+) +(.*)$/gm)].map(([, instruction = '', rest = '']) => [instruction, rest]);
}

/** Lays out what is copied from the stage that builds, without what that has deleted. @throws {Error} for a COPY of another form */
export async function layOutImage(folder: string): Promise<void> {
  const { packages }: Lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const isPart = (path: string): boolean =>
    packages[path]?.dev !== true && !/^dist\/(test|types|sandbox)(\/|$)|^dist\/.*\.test\.js/.test(path);
  for (const [instruction, rest] of await lastStage()) {
    if (instruction !== 'COPY') continue;
    const [, path, to] = /^--from=build \/app\/(\S+) (\.\/\S*)$/.exec(rest) ?? [];
    if (path === undefined || to === undefined)
      throw new Error(`the image copies "${rest}", which is not understood here`);
    const target = join(folder, to.endsWith('/') ? join(to, path) : to);
    await mkdir(dirname(target), { recursive: true });
    await cp(path, target, { recursive: true, filter: (source) => isPart(source) });
  }
}
