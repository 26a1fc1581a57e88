/** What a scenario of the bench is. To add one: write it beside the others and name it in `bench.ts`. */
import type { BenchServers } from './bench-servers.js';

/** One measured number. */
export interface Figure {
  /** As it is called in JSON; stays the same for ever, so that results of different days can be compared. */
  readonly key: string;
  /** As it is called in the table. */
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  /** What it has to be at least or at most. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** Something that must be so after the run, or its figures are worth nothing. */
export interface Check {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
}

export interface ScenarioResult {
  readonly figures: readonly Figure[];
  readonly checks: readonly Check[];
}

/** What `npm run bench` was told. */
export interface BenchOptions {
  readonly orders: number;
  readonly lines: number;
  /** Orders that are handled before anything is measured. */
  readonly warmUp: number;
  /** For which sustained load is measured. */
  readonly seconds: number;
  /** In the tables that the console reads. */
  readonly tableOrders: number;
  readonly letters: number;
  /** Of wide orders, in the format of the UCI "Online Retail" data set. */
  readonly file: string | undefined;
  /** Where profiles of the workers go; undefined: none are taken. */
  readonly profileFolder: string | undefined;
}

export interface BenchContext {
  readonly options: BenchOptions;
  readonly servers: BenchServers;
  /** Everything is stopped when it is aborted. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** What it measures, in a line. */
  readonly summary: string;
  /** It has to be asked for by name: why, for the help. */
  readonly onlyWhenNamed?: string;
  /** Longest duration that makes sense, in milliseconds. */
  limitMs(options: BenchOptions): number;
  /** Starts what it needs on empty servers, and stops what it started. */
  run(context: BenchContext): Promise<ScenarioResult>;
}
