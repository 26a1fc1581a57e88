import { colouring } from './colour.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;

/**
 * Says what is under way. On a terminal one line at the bottom shows the steps that are running, with the seconds; elsewhere
 * each step is a line when it begins and one when it ends.
 */
export class Progress {
  /** @type {Map<symbol, { title: string, began: number }>} */
  #running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #frame = 0;

  /** @param {Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean, columns?: number }} [stream] */
  constructor(stream = process.stdout) {
    this.stream = stream;
    this.colour = colouring(stream);
  }

  /**
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} act
   * @returns {Promise<T>} what the step returns, or its failure
   */
  async step(title, act) {
    const id = Symbol(title);
    const began = Date.now();
    this.#running.set(id, { title, began });
    if (this.stream.isTTY) this.#spin();
    else this.say(`… ${title}`);
    /** @param {string} mark */
    const end = (mark) => {
      this.#running.delete(id);
      if (this.#running.size === 0) this.#rest();
      this.say(`${mark} ${title} ${this.colour('faint', `${((Date.now() - began) / 1000).toFixed(1)} s`)}`);
    };
    try {
      const result = await act();
      end(this.colour('green', '✓'));
      return result;
    } catch (error) {
      end(this.colour('red', '✗'));
      throw error;
    }
  }

  /** @param {string} line */
  say(line) {
    this.#clear();
    this.stream.write(`${line}\n`);
    if (this.#timer) this.#draw();
  }

  #spin() {
    if (this.#timer) return;
    this.#timer = setInterval(() => {
      this.#frame++;
      this.#draw();
    }, FRAME_MS);
    this.#timer.unref();
    this.#draw();
  }

  #rest() {
    this.#clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #draw() {
    const steps = [...this.#running.values()].map(
      ({ title, began }) => `${title} ${Math.floor((Date.now() - began) / 1000)} s`,
    );
    const line = `${FRAMES[this.#frame % FRAMES.length]} ${steps.join(' · ')}`;
    this.#clear();
    this.stream.write(this.colour('cyan', line.slice(0, (this.stream.columns || 80) - 1)));
  }

  #clear() {
    if (this.stream.isTTY && this.#timer) this.stream.write('\r\u001b[2K');
  }
}
