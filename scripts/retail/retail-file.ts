/** Reads a file in the format of the UCI "Online Retail" data set: its invoices, and what of it is no order. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { decodeLines } from './decode-lines.js';
import { COLUMNS, type Column, type RetailLine, readLine, type SkipReason } from './line.js';

export interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly country: string;
  /** At least one, in the order of the file. */
  readonly lines: readonly Pick<RetailLine, 'sku' | 'description' | 'quantity' | 'price'>[];
}

export interface RetailFile {
  /** In the order in which they begin in the file. */
  readonly invoices: readonly Invoice[];
  /** Lines below the heading. */
  readonly lineCount: number;
  readonly skippedLines: ReadonlyMap<SkipReason, number>;
  /** Numbers of the first unreadable lines, from 1 with the heading. */
  readonly unreadable: readonly number[];
  /** Invoices of which no line is an order line. */
  readonly invoicesWithoutOrder: number;
}

/** The file cannot be read as what it should be. The message names what is wrong and what is expected. */
export class RetailFileFault extends Error {
  override readonly name = 'RetailFileFault';
}

/** Unreadable lines that are named. */
const NAMED = 5;
/** A line this long is a quote that was never closed, in characters. */
const LINE_AT_MOST = 65_536;

/** @throws {RetailFileFault} when the file is not there, has other columns or is no CSV */
export async function readRetailFile(path: string): Promise<RetailFile> {
  const parser = Readable.from(decodeLines(createReadStream(path))).compose(
    parse({
      bom: true,
      info: true,
      // By itself it would take the first line's end for that of all.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LINE_AT_MOST,
    }),
  );
  const invoices = new Map<string, Invoice & { readonly lines: Invoice['lines'][number][] }>();
  const all = new Set<string>();
  const skippedLines = new Map<SkipReason, number>();
  const unreadable: number[] = [];
  let places: Places | undefined;
  let lineCount = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (places === undefined) {
        places = placesOf(record, path);
        continue;
      }
      lineCount += 1;
      const fields = fieldsOf(record, places);
      all.add(fields.InvoiceNo?.trim() ?? '');
      const line = readLine(fields);
      if (typeof line === 'string') {
        skippedLines.set(line, (skippedLines.get(line) ?? 0) + 1);
        if (line === 'unreadable' && unreadable.length < NAMED) unreadable.push(info.lines);
        continue;
      }
      const { invoice: number, customer, country, ...article } = line;
      const before = invoices.get(number);
      if (before === undefined) invoices.set(number, { number, customer, country, lines: [article] });
      else before.lines.push(article);
    }
  } catch (error) {
    throw faultOf(error, path);
  }
  if (places === undefined)
    throw new RetailFileFault(`${path} is empty; expected are the columns ${COLUMNS.join(', ')}`);
  return {
    invoices: [...invoices.values()],
    lineCount,
    skippedLines,
    unreadable,
    invoicesWithoutOrder: all.size - invoices.size,
  };
}

type Places = Readonly<Record<Column, number>>;

function placesOf(heading: readonly string[], path: string): Places {
  const names = heading.map((name) => name.trim());
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const found = names.join(', ').slice(0, 200);
    throw new RetailFileFault(
      `${path} has no column ${missing.join(', ')}; its first line must name the columns ${COLUMNS.join(', ')}, separated by commas, and is: ${found}`,
    );
  }
  return mapColumns((column) => names.indexOf(column));
}

const fieldsOf = (record: readonly string[], places: Places): Record<Column, string | undefined> =>
  mapColumns((column) => record[places[column]]);

/** A value for each column. */
function mapColumns<T>(valueFor: (column: Column) => T): Record<Column, T> {
  // Every column is a key; `fromEntries` cannot know it.
  return Object.fromEntries(COLUMNS.map((column) => [column, valueFor(column)])) as Record<Column, T>;
}

function faultOf(error: unknown, path: string): unknown {
  if (error instanceof RetailFileFault) return error;
  if (error instanceof CsvError) {
    const { lines } = error as CsvError & Partial<Info>;
    return new RetailFileFault(`${path} is not CSV: ${error.message}${lines === undefined ? '' : ` (line ${lines})`}`);
  }
  if (!(error instanceof Error && 'code' in error)) return error;
  if (error.code === 'ENOENT') return new RetailFileFault(`There is no file ${path}; give the path of a CSV file`);
  if (error.code === 'EISDIR') return new RetailFileFault(`${path} is a folder; give the path of a CSV file`);
  if (error.code === 'EACCES') return new RetailFileFault(`${path} may not be read by this user`);
  return error;
}
