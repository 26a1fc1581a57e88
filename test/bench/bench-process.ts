/** One process of a bench: started with its output in a file, waited for until it is ready, and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 5;
/** Workers end within 25 s of SIGTERM. */
const STOP_WITHIN_MS = 30_000;

export interface BenchProcessSetting {
  readonly name: string;
  /** What stands behind `node`. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logPath: string;
  /** Where it answers `/readyz` and `/metrics`. */
  readonly url: string;
}

export class BenchProcess {
  readonly #setting: BenchProcessSetting;
  readonly #child: ChildProcess;

  constructor(setting: BenchProcessSetting) {
    this.#setting = setting;
    const log = openSync(setting.logPath, 'a');
    this.#child = spawn(process.execPath, setting.args, { env: setting.environment, stdio: ['ignore', log, log] });
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get url(): string {
    return this.#setting.url;
  }

  /** Resolves to when it was ready, on the clock of `performance.now()`. @throws {Error} with the end of its log */
  async untilReady(signal: AbortSignal): Promise<number> {
    const { name, url, logPath } = this.#setting;
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await isReady(url))) {
      signal.throwIfAborted();
      if (this.#hasEnded || performance.now() > deadline) {
        const end = (await readFile(logPath, 'utf8')).trimEnd().split('\n').slice(-10).join('\n');
        throw new Error(`${name} did not become ready; the end of ${logPath}:\n${end}`);
      }
      await pause(LOOK_EVERY_MS);
    }
    return performance.now();
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** In good order; if it does not end, it is killed. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    this.#child.kill('SIGTERM');
    this.#child.kill('SIGCONT'); // should it be held
    await once(this.#child, 'exit');
    clearTimeout(kill);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}
