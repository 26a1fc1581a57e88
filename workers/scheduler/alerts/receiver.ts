/** Who is told of alerts. */
import type { News } from './news.js';

export interface Bulletin {
  /** All there is to tell now. */
  readonly news: readonly News[];
  readonly release: string;
  readonly at: Date;
}

export interface Receiver {
  /** The same from one start to the next: what it was told is kept under it. */
  readonly name: string;
  /** Resolves when it was told; rejects within seconds when it was not, or nobody knows. */
  tell(bulletin: Bulletin): Promise<void>;
}
