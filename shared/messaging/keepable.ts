/** What of a message nothing can keep, though it is JSON. */

/** Whether PostgreSQL can hold every text in it, and every name: it takes no NUL and no half of a surrogate pair. */
export function isKeepable(value: unknown): boolean {
  // Not by recursion: a message may be nested as deeply as its publisher likes.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string') {
      if (!one.isWellFormed() || one.includes('\u0000')) return false;
    } else if (typeof one === 'object' && one !== null) {
      for (const name in one) left.push(name, (one as Record<string, unknown>)[name]);
    }
  }
  return true;
}
