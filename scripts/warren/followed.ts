/** Looks again and again at something that goes on by itself, until it does not. */
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 1000;

/** Says to standard error how far it is. @param line of its progress */
export async function followed<T>(
  look: () => Promise<T>,
  isOver: (one: T) => boolean,
  line: (one: T) => string,
): Promise<T> {
  let said = '';
  for (;;) {
    const one = await look();
    const progress = line(one);
    if (progress !== said) process.stderr.write(`${progress}\n`);
    said = progress;
    if (isOver(one)) return one;
    await pause(LOOK_EVERY_MS);
  }
}
