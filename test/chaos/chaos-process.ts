/** A process of the fleet under a supervisor: whenever it dies it is started again after a second, as a platform does it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.js';

const RESTART_AFTER_MS = 1000;
/** What a process promises at SIGTERM, and when a platform loses its patience. */
const STOPS_WITHIN_MS = 25_000;
const KILLED_AFTER_MS = 30_000;
/** On a machine that has more to do than this. */
const READY_WITHIN_MS = 180_000;

const WRONG_CLOCK = ['--import', './dist/test/chaos/wrong-clock.js'];

export interface WrongClock {
  /** Negative: behind. */
  readonly aheadMs: number;
  /** From the start on; then it steps to the right time. */
  readonly forMs: number;
}

export interface ProcessSetting {
  readonly name: string;
  /** Behind `node`. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Where `/readyz` answers. */
  readonly url: string;
  readonly logPath: string;
  /** Told what a sound process does not do. */
  readonly complain: (what: string) => void;
  /** Told of every new life. */
  readonly onStart: () => void;
}

export class ChaosProcess {
  readonly #setting: ProcessSetting;
  #child: ChildProcess | undefined;
  /** Its death is wanted: by a fault, or by whoever stops it. */
  #isExpected = false;
  #isOver = false;
  #isLeaving = false;

  constructor(setting: ProcessSetting) {
    this.#setting = setting;
    this.#live();
  }

  get name(): string {
    return this.#setting.name;
  }

  get url(): string {
    return this.#setting.url;
  }

  /** It was told to end, and is not ready again. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** As the kernel does it when memory is short. */
  kill(): void {
    this.#isExpected = true;
    this.#child?.kill('SIGKILL');
  }

  /** Halts it where it stands; `thaw` lets it go on as if nothing had been. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it in order and starts it anew, as a release does; resolves when it is ready. @param clock that it has, if a wrong one */
  async restart(clock?: WrongClock): Promise<void> {
    await this.#end();
    if (this.#isOver) return;
    this.#live(clock);
    await this.ready();
    this.#isLeaving = false;
  }

  async ready(): Promise<void> {
    await until(`${this.name} is ready`, () => this.#isOver || this.#isReady(), READY_WITHIN_MS);
  }

  /** For good. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#end();
  }

  #live(clock?: WrongClock): void {
    const { args, environment, logPath, onStart } = this.#setting;
    const log = openSync(logPath, 'a');
    const child = spawn(process.execPath, [...(clock === undefined ? [] : WRONG_CLOCK), ...args], {
      env: { ...environment, ...variablesOf(clock) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.#isExpected = false;
    child.once('exit', (code, signal) => void this.#ended(child, signal ?? `code ${code}`));
    onStart();
  }

  async #ended(child: ChildProcess, how: string): Promise<void> {
    const { name, complain } = this.#setting;
    if (this.#child !== child) return;
    this.#child = undefined;
    if (!this.#isExpected) complain(`${name} ended by itself with ${how}`);
    await pause(RESTART_AFTER_MS);
    if (!this.#isOver && this.#child === undefined) this.#live();
  }

  async #end(): Promise<void> {
    const { name, complain } = this.#setting;
    const child = this.#child;
    // Nobody starts it again meanwhile: it is nobody's child.
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const began = performance.now();
    const kill = setTimeout(() => child.kill('SIGKILL'), KILLED_AFTER_MS);
    const gone = once(child, 'exit');
    this.#isLeaving = true;
    child.kill('SIGTERM');
    await gone;
    clearTimeout(kill);
    const tookMs = performance.now() - began;
    // Who is ended by the signal itself was still starting, and had begun nothing.
    const inOrder = child.exitCode === 0 || child.signalCode === 'SIGTERM';
    if (!inOrder) complain(`${name} ended with ${child.signalCode ?? `code ${child.exitCode}`} at SIGTERM`);
    if (tookMs > STOPS_WITHIN_MS) complain(`${name} took ${Math.round(tookMs / 1000)} s to end at SIGTERM`);
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(3000) });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }
}

const variablesOf = (clock: WrongClock | undefined): NodeJS.ProcessEnv =>
  clock === undefined ? {} : { CLOCK_AHEAD_MS: String(clock.aheadMs), CLOCK_WRONG_FOR_MS: String(clock.forMs) };
