/** `npm run load`: places the orders of a file as a storefront would, and follows each to its end. */
import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { CommandLineFaults, describeOptions, readCommandLine } from './command-line.js';
import { LoadFault } from './load/load-fault.js';
import { type LoadOptions, options } from './load/options.js';
import { ProgressLine } from './load/progress.js';
import { reach } from './load/reach.js';
import { type Report, reportJson, reportLines } from './load/report.js';
import { RequestLog } from './load/request-log.js';
import { plannedOrder, plannedStock } from './load/requests.js';
import { runLoad } from './load/run.js';
import { setUpStock } from './load/set-up.js';
import { Storefront } from './load/storefront.js';
import { summarize } from './load/summary.js';
import { articlesOf } from './retail/articles.js';
import { type RetailFile, RetailFileFault, readRetailFile } from './retail/retail-file.js';

const HELP = `npm run load -- --orders FILE.csv [options]

Places the orders of a file through HTTP: an invoice is an order, its number the reference and the idempotency key, a stock
code is a SKU. Sets up catalogue and stock first, enough for every order but for a share of SKUs that is kept short.
Follows every order to its end. Exits with 1 when an order is unaccounted for, and with 2 when it cannot run.

Placing the same file again repeats the same requests, which the intake answers as replayed; --run NAME places it anew.

${describeOptions(options)}
`;
const UNACCOUNTED = 1;
const CANNOT_RUN = 2;
const INTERRUPTED = 130;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof CommandLineFaults || error instanceof LoadFault || error instanceof RetailFileFault;
  const shown = plain ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${shown}\n${error instanceof CommandLineFaults ? 'npm run load -- --help tells more\n' : ''}`);
  process.exitCode = CANNOT_RUN;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given, words } = readCommandLine(options, args);
  if (words.length > 0)
    throw new CommandLineFaults([`${words[0]} belongs to no option; the file is given as --orders FILE`]);
  const file = await readRetailFile(fromCaller(given.orders));
  const storefront = new Storefront({ url: given.url, key: given.key, connections: given.concurrency });
  const stop = new AbortController();
  // Everything that waits listens to it.
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  try {
    const report = await load(file, given, storefront, stop.signal);
    process.stdout.write(`\n${reportLines(report).join('\n')}\n`);
    if (given.json) process.stdout.write(`${reportJson(report)}\n`);
    if (report.stopped) return INTERRUPTED;
    return report.summary.unaccounted.length > 0 ? UNACCOUNTED : 0;
  } finally {
    await storefront.close();
  }
}

async function load(
  file: RetailFile,
  given: LoadOptions,
  storefront: Storefront,
  signal: AbortSignal,
): Promise<Report> {
  const invoices = file.invoices.slice(0, given.limit);
  const articles = articlesOf(invoices);
  const stock = articles.map((article) => plannedStock(article, given));
  if (invoices.length === 0) throw new LoadFault(`${given.orders} has no invoice with an order line`);
  await reach(storefront, given.url, signal);

  let shelved = 0;
  const shelving = new ProgressLine(process.stdout, () => ({
    title: 'catalogue and stock',
    done: shelved,
    total: stock.length,
    beside: '',
  }));
  try {
    const onDone = (): void => void shelved++;
    await setUpStock(stock, { storefront, concurrency: given.concurrency, signal, onDone });
  } finally {
    shelving.end();
  }

  const counts = { placed: 0, replayed: 0, refused: 0, unknown: 0, SHIPPED: 0, CANCELLED: 0 };
  const placing = new ProgressLine(process.stdout, () => ({
    title: 'orders at their end',
    done: counts.SHIPPED + counts.CANCELLED + counts.refused,
    total: invoices.length,
    beside: `${counts.placed + counts.replayed} placed, ${counts.SHIPPED} shipped, ${counts.CANCELLED} cancelled, ${counts.refused} refused`,
  }));
  const log = given.log === undefined ? undefined : new RequestLog(fromCaller(given.log));
  try {
    const { records, placingMs } = await runLoad(ordersOf(file, given), {
      storefront,
      onRequest: (request) => log?.note(request),
      rate: given.rate,
      concurrency: given.concurrency,
      idleMs: given.drainTimeoutS * 1000,
      signal,
      onAnswer: (kind) => void counts[kind]++,
      onEnd: (kind) => void counts[kind]++,
    });
    return {
      file,
      beyondLimit: file.invoices.length - invoices.length,
      shelves: {
        skus: stock.length,
        short: stock.filter(({ short }) => short).length,
        severalPrices: articles.filter(({ prices }) => prices > 1).length,
      },
      summary: summarize(records, placingMs),
      stopped: signal.aborted,
    };
  } finally {
    placing.end();
    await log?.close();
  }
}

/** Files are named from where npm was called. */
function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

/** One at a time, as they are needed: the requests of a large file do not stand in memory. */
function* ordersOf(file: RetailFile, given: LoadOptions) {
  for (const invoice of file.invoices.slice(0, given.limit)) yield plannedOrder(invoice, given);
}
