/** How far the load is: one line at the bottom of a terminal, or a plain line now and then where nobody watches. */
import type { WriteStream } from 'node:tty';

const ON_TERMINAL_MS = 120;
const ELSEWHERE_MS = 5000;
const BAR = 24;

/** What is counted towards `total`, and what is said beside it. */
export interface Standing {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly beside: string;
}

export class ProgressLine {
  readonly #stream: WriteStream;
  readonly #standing: () => Standing;
  readonly #timer: NodeJS.Timeout;
  readonly #began = performance.now();

  /** Shows what `standing` says until it is ended. */
  constructor(stream: WriteStream, standing: () => Standing) {
    this.#stream = stream;
    this.#standing = standing;
    this.#timer = setInterval(() => this.#draw(), stream.isTTY ? ON_TERMINAL_MS : ELSEWHERE_MS);
  }

  /** Leaves the last standing as a line of its own. */
  end(): void {
    clearInterval(this.#timer);
    this.#draw();
    if (this.#stream.isTTY) this.#stream.write('\n');
  }

  #draw(): void {
    const seconds = (performance.now() - this.#began) / 1000;
    if (!this.#stream.isTTY) {
      this.#stream.write(`${lineOf(this.#standing(), seconds)}\n`);
      return;
    }
    const line = lineOf(this.#standing(), seconds, BAR);
    this.#stream.write(`\r\u001b[2K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }
}

/** @param bar characters of the bar; 0 for none */
export function lineOf({ title, done, total, beside }: Standing, seconds: number, bar = 0): string {
  const share = total === 0 ? 1 : done / total;
  const full = Math.round(share * bar);
  const drawn = bar === 0 ? '' : ` ${'█'.repeat(full)}${'░'.repeat(bar - full)}`;
  const rate = seconds > 0 ? ` · ${Math.round(done / seconds)}/s` : '';
  return `${title}${drawn} ${done}/${total} · ${seconds.toFixed(0)} s${rate}${beside === '' ? '' : ` · ${beside}`}`;
}
