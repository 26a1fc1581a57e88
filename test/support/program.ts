/** A program of this project, as a process of its own, with what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export class Program {
  readonly #child: ChildProcess;
  output = '';

  constructor(file: string, args: readonly string[], environment: Record<string, string>) {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    this.#child = spawn(process.execPath, [path, ...args], { env: { ...process.env, ...environment } });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
