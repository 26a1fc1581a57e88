/**
 * Where a reader of an order's stream stands: the greatest message id it was sent and how many messages in all. The count
 * is what tells, after a lost connection, whether a message with a lesser id was committed since. Pure.
 */
export class StreamPosition {
  readonly #seen: Set<string> = new Set();
  #greatest = '';
  /** As the reader gave it; dropped once it was compared with what is there. */
  #resumed: { readonly greatest: string; readonly count: number | undefined } | undefined;

  /** @param lastEventId `<message id>.<count>` as sent before, or a message id alone; anything else starts anew */
  constructor(lastEventId: string | undefined) {
    const match = /^([0-9a-f-]{36})(?:\.(\d{1,6}))?$/.exec(lastEventId ?? '');
    if (match?.[1] !== undefined) {
      this.#resumed = { greatest: match[1], count: match[2] === undefined ? undefined : Number(match[2]) };
    }
  }

  /** Of all messages, those yet to be sent. All of them when the reader may have missed one that we cannot name. */
  unseen(ids: readonly string[]): string[] {
    if (this.#resumed !== undefined) {
      const { greatest, count } = this.#resumed;
      this.#resumed = undefined;
      const before = ids.filter((id) => id <= greatest);
      if (count === undefined || count === before.length) for (const id of before) this.advance(id);
    }
    return ids.filter((id) => !this.#seen.has(id));
  }

  /** Notes a message as sent, and returns the position after it. */
  advance(id: string): string {
    this.#seen.add(id);
    if (id > this.#greatest) this.#greatest = id;
    return `${this.#greatest}.${this.#seen.size}`;
  }
}
