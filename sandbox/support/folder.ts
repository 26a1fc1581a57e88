/** A folder for one test, gone when it ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-sandbox-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
