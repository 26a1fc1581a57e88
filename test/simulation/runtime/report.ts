/** Adds up what runs went through: a mishap that never happens tests nothing. */
import { tableLines } from '../../../scripts/table.js';
import type { Outcome } from './simulate-seed.js';
import { MISHAPS } from './world.js';

const HOUR_MS = 3_600_000;

export class Report {
  readonly #begunMs = performance.now();
  readonly #mishaps = new Map<string, number>();
  readonly #letters = new Map<string, number>();
  #runs = 0;
  #orders = 0;
  #events = 0;
  #tookMs = 0;

  add({ mishaps, letters, orders, events, tookMs }: Outcome): void {
    this.#runs += 1;
    this.#orders += orders;
    this.#events += events;
    this.#tookMs += tookMs;
    for (const [mishap, count] of mishaps) add(this.#mishaps, mishap, count);
    for (const code of letters) add(this.#letters, code, 1);
  }

  lines(): string[] {
    const seconds = (performance.now() - this.#begunMs) / 1000;
    const rows = MISHAPS.map((mishap) => [mishap.replaceAll('-', ' '), String(this.#mishaps.get(mishap) ?? 0)]);
    const letters = [...this.#letters].map(([code, count]) => `${code} ${count}`).join(', ');
    return [
      ...tableLines([['WENT WRONG', 'TIMES'], ...rows]),
      '',
      `dead letters, as they were asked for: ${letters || 'none'}`,
      `${this.#runs} runs with ${this.#orders} orders, ${this.#events} events and ${(this.#tookMs / HOUR_MS).toFixed(1)} h of their own time in ${seconds.toFixed(1)} s: all came right`,
    ];
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
