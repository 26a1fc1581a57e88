import { colouring, PREFIX_COLOURS, withoutColour } from '../terminal/colour.mjs';
import { rememberProcesses } from './leftovers.mjs';
import { untilReady } from './ready.mjs';
import { supervise } from './supervise.mjs';

const READY_WITHIN_MS = 60_000;
/** Together with the servers this stays below the 30 s in which all must be gone. */
const FLEET_STOP_MS = 18_000;
const SANDBOX_STOP_MS = 2_000;

/** The processes of a development fleet, with one coloured line prefix each. */
export class Fleet {
  /** @type {import('./supervise.mjs').Supervised[]} */
  #running = [];

  /**
   * @param {{ progress: import('../terminal/progress.mjs').Progress, pidFile: string }} setting
   */
  constructor({ progress, pidFile }) {
    this.progress = progress;
    this.pidFile = pidFile;
  }

  /**
   * Starts all of them and waits until each is ready.
   * @param {readonly import('./supervise.mjs').Part[]} parts
   * @param {AbortSignal} signal
   */
  async start(parts, signal) {
    const { progress } = this;
    const colour = colouring(progress.stream);
    const coloured = colour('cyan', '') !== '';
    const width = Math.max(...parts.map(({ name }) => name.length));
    for (const [at, part] of parts.entries()) {
      const prefix = colour(PREFIX_COLOURS[at % PREFIX_COLOURS.length] ?? 'cyan', `${part.name.padEnd(width)} │`);
      this.#running.push(
        supervise(part, {
          onLine: (line) => progress.say(`${prefix} ${coloured ? line : withoutColour(line)}`),
          onEvent: (text) => progress.say(`${prefix} ${colour('red', text)}`),
          onSpawn: () => this.#remember(),
        }),
      );
    }
    await Promise.all(this.#running.map((supervised) => untilReady(supervised, { withinMs: READY_WITHIN_MS, signal })));
  }

  /** Stops all of them in good order: the sandbox last, because what is under way still needs it. */
  async stop() {
    const [sandbox, fleet] = [true, false].map((own) =>
      this.#running.filter(({ part }) => (part.ownGroup ?? false) === own),
    );
    await Promise.all((fleet ?? []).map((supervised) => supervised.stop(FLEET_STOP_MS)));
    await Promise.all((sandbox ?? []).map((supervised) => supervised.stop(SANDBOX_STOP_MS)));
    this.#running = [];
    this.#remember();
  }

  /** Ends all of them at once. */
  kill() {
    for (const supervised of this.#running) supervised.kill();
  }

  #remember() {
    rememberProcesses(
      this.pidFile,
      this.#running.flatMap((supervised) => supervised.identity() ?? []),
    );
  }
}
