/** A process that is started again whenever it dies, as a platform does it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export class Supervised {
  /** Times it has died. */
  deaths = 0;
  /** All that its lives have printed. */
  output = '';
  readonly #start: () => ChildProcess;
  #child: ChildProcess | undefined;
  #stopped = false;

  constructor(script: string, names: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#start = () =>
      spawn(process.execPath, [script, ...names], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#live();
  }

  /** As an operator or the platform does it, out of the blue. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  #live(): void {
    const child = this.#start();
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    child.once('exit', () => {
      if (this.#stopped) return;
      this.deaths += 1;
      this.#live();
    });
  }
}
