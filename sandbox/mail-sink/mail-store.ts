/**
 * The mails received: a file that only grows, and an index of it that is made when somebody asks, so that receiving a
 * mail costs no parsing.
 */
import { join } from 'node:path';
import { AppendOnlyFile } from '../append-only-file.js';
import { linesOf } from '../lines.js';
import { headerOf, type Mail, parseHeaders, parseMail } from './mail.js';

export interface Envelope {
  from: string;
  to: readonly string[];
}

/** What a listing tells of a mail. `n` counts from 1, `at` is an ISO 8601 time, `size` is in bytes. */
export interface MailSummary extends Envelope {
  n: number;
  at: string;
  subject: string | undefined;
  messageId: string | undefined;
  orderId: string | undefined;
  occasion: string | undefined;
  size: number;
}

export interface WholeMail extends Mail, MailSummary {
  raw: string;
}

/** A line of the file; `raw` has one byte in each character. */
interface Stored extends Envelope {
  at: string;
  size: number;
  raw: string;
}

interface Place {
  start: number;
  length: number;
}

export class MailStore {
  private summaries: MailSummary[] = [];
  private places: Place[] = [];
  private indexedBytes = 0;
  private indexing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: AppendOnlyFile) {}

  static async open(directory: string): Promise<MailStore> {
    return new MailStore(await AppendOnlyFile.open(join(directory, 'mails.ndjson'), { survives: 'kill', gatherMs: 0 }));
  }

  /** Resolves once the mail is kept. */
  keep({ from, to }: Envelope, raw: Buffer): Promise<void> {
    const stored: Stored = { at: new Date().toISOString(), from, to, size: raw.length, raw: raw.toString('latin1') };
    return this.file.append(JSON.stringify(stored));
  }

  /** Every mail that was kept before the call, oldest first. */
  async list(): Promise<readonly MailSummary[]> {
    await this.catchUp();
    return this.summaries;
  }

  async read(n: number): Promise<WholeMail | undefined> {
    await this.catchUp();
    const summary = this.summaries[n - 1];
    const place = this.places[n - 1];
    if (!summary || !place) return undefined;
    const { raw } = storedIn(await this.file.readAt(place.start, place.length));
    return { ...summary, ...parseMail(raw), raw };
  }

  /** Forgets every mail; `n` counts from 1 again. */
  clear(): Promise<void> {
    this.indexing = this.indexing.then(async () => {
      await this.file.clear();
      this.summaries = [];
      this.places = [];
      this.indexedBytes = 0;
    });
    return this.indexing;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private catchUp(): Promise<void> {
    this.indexing = this.indexing.then(async () => {
      await this.file.settled();
      for await (const { text, start, length } of linesOf(this.file.read(this.indexedBytes), this.indexedBytes)) {
        this.summaries.push(summaryOf(storedIn(text), this.summaries.length + 1));
        this.places.push({ start, length });
        this.indexedBytes = start + length + 1;
      }
    });
    return this.indexing;
  }
}

function summaryOf({ at, from, to, size, raw }: Stored, n: number): MailSummary {
  const headers = parseHeaders(raw);
  return {
    n,
    at,
    from,
    to,
    subject: headerOf(headers, 'subject'),
    messageId: headerOf(headers, 'message-id'),
    orderId: headerOf(headers, 'x-warren-order'),
    occasion: headerOf(headers, 'x-warren-occasion'),
    size,
  };
}

/** Only this file writes the lines, so a whole line is a stored mail. */
function storedIn(line: string): Stored {
  return JSON.parse(line) as Stored;
}
