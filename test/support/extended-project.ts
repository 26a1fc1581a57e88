/** The compiled project with one worker more, as a user adds it: a copy beside the real one, so that dependencies are found. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const compiled = new URL('../../', import.meta.url);

export interface ExtendedProject {
  readonly dist: string;
  /** Deletes the copy. */
  remove(): Promise<void>;
}

/** @param fixture folder under `test/` whose compiled files become `workers/<fixture>` */
export async function projectWith(fixture: string): Promise<ExtendedProject> {
  const extended = new URL(`../.local/with-${fixture}/dist/`, compiled);
  const remove = (): Promise<void> => rm(extended, { recursive: true, force: true });
  await remove();
  await mkdir(extended, { recursive: true });
  for (const folder of ['api', 'audit', 'config', 'migrations', 'sandbox', 'scripts', 'shared', 'workers']) {
    await cp(new URL(folder, compiled), new URL(folder, extended), { recursive: true });
  }
  await cp(new URL(`test/${fixture}`, compiled), new URL(`workers/${fixture}`, extended), { recursive: true });
  return { dist: fileURLToPath(extended), remove };
}
