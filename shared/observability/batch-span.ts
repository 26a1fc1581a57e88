/**
 * Spans of a transaction that serves many: the batch is a trace of its own, with a span each statement, and it links to those
 * of its messages that are traced, as they do to it. Nothing when none of them is.
 */
import { newSpan, type SpanContext } from '../messaging/trace-context.js';
import type { StatementWatch } from '../postgres/statement-watch.js';
import { spanError } from './span-error.js';
import { nowMs, tracing } from './tracing.js';

export class BatchSpan {
  readonly context: SpanContext = newSpan();
  readonly #name: string;
  readonly #size: number;
  readonly #links: readonly SpanContext[];
  readonly #startMs = nowMs();

  private constructor(name: string, size: number, links: readonly SpanContext[]) {
    this.#name = name;
    this.#size = size;
    this.#links = links;
  }

  /** @param contexts of the spans of the batch's messages, undefined for those that are not traced */
  static begin(name: string, contexts: () => readonly (SpanContext | undefined)[]): BatchSpan | undefined {
    if (tracing === undefined) return undefined;
    const all = contexts();
    const links = all.filter((context) => context !== undefined);
    return links.length === 0 ? undefined : new BatchSpan(name, all.length, links);
  }

  /** To be told of each statement. */
  readonly watch: StatementWatch = (statement) => {
    const startMs = nowMs();
    return ({ rows, error }) => {
      tracing?.record({
        name: statement,
        kind: 'client',
        context: newSpan(this.context.traceId),
        parent: this.context,
        startMs,
        endMs: nowMs(),
        attributes: {
          'db.system.name': 'postgresql',
          'db.query.summary': statement,
          ...(rows === undefined ? {} : { 'db.response.returned_rows': rows }),
        },
        error: spanError(error),
      });
    };
  };

  end(error?: unknown): void {
    tracing?.record({
      name: `commit ${this.#name}`,
      kind: 'internal',
      context: this.context,
      parent: undefined,
      links: this.#links,
      startMs: this.#startMs,
      endMs: nowMs(),
      attributes: {
        'warren.actor': this.#name,
        'warren.batch.messages': this.#size,
        'warren.outcome': error === undefined ? 'committed' : 'failed',
      },
      error: spanError(error),
    });
  }
}
