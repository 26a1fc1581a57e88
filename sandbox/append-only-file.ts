/**
 * A file of lines that only grows, and what both sandbox processes remember things by.
 * A line torn by a crash at the very end is cut off when the file is opened again.
 */
import { appendFileSync, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface AppendOnlyFileOptions {
  /** Whether a line must outlive the machine (fdatasync) and not only this process. */
  survives: 'power loss' | 'kill';
  /** Under load, lines gather for this long between two writes; a line that comes alone is written at once. */
  gatherMs: number;
}

export class AppendOnlyFile {
  private waiting: string[] = [];
  private lastWriteAt = Number.NEGATIVE_INFINITY;
  private nextBatch: Promise<void> | undefined;
  private lastBatch: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly options: AppendOnlyFileOptions,
    private writtenBytes: number,
  ) {}

  static async open(path: string, options: AppendOnlyFileOptions): Promise<AppendOnlyFile> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'a+');
    const whole = await endOfLastWholeLine(handle);
    await handle.truncate(whole);
    return new AppendOnlyFile(path, handle, options, whole);
  }

  /** Bytes of whole lines that are written; what is appended but not yet written is not counted. */
  get size(): number {
    return this.writtenBytes;
  }

  /**
   * Resolves once the line is safe. Lines appended while a batch is being written are written together in the next one.
   * A batch that cannot be written rejects for all of its lines, and so does every later one.
   */
  append(line: string): Promise<void> {
    this.waiting.push(line);
    if (!this.nextBatch) {
      this.nextBatch = this.writeAfter(this.lastBatch);
      this.lastBatch = this.nextBatch;
    }
    return this.nextBatch;
  }

  /** Resolves once everything appended so far is safe. */
  settled(): Promise<void> {
    return this.lastBatch;
  }

  /** The written lines from byte `start` on, as they are now. */
  read(start = 0): Readable {
    if (start >= this.writtenBytes) return Readable.from([]);
    return createReadStream(this.path, { start, end: this.writtenBytes - 1, highWaterMark: 1 << 20 });
  }

  /** The line of `length` bytes that begins at byte `start`. */
  async readAt(start: number, length: number): Promise<string> {
    const { buffer } = await this.handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.toString();
  }

  /** Forgets every line that was appended before. */
  clear(): Promise<void> {
    this.lastBatch = this.lastBatch.then(async () => {
      await this.handle.truncate(0);
      this.writtenBytes = 0;
    });
    return this.lastBatch;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.handle.close();
  }

  private async writeAfter(previous: Promise<void>): Promise<void> {
    await previous;
    const sinceLast = performance.now() - this.lastWriteAt;
    if (sinceLast < this.options.gatherMs) await delay(this.options.gatherMs - sinceLast);
    this.lastWriteAt = performance.now();
    const lines = Buffer.from(`${this.waiting.join('\n')}\n`);
    this.waiting = [];
    this.nextBatch = undefined;
    // Into the page cache: handing it to a thread and back costs more than to do it.
    appendFileSync(this.handle.fd, lines);
    if (this.options.survives === 'power loss') await this.handle.datasync();
    this.writtenBytes += lines.length;
  }
}

const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

async function endOfLastWholeLine(handle: FileHandle): Promise<number> {
  const block = Buffer.alloc(BLOCK);
  let end = (await handle.stat()).size;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const newline = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
