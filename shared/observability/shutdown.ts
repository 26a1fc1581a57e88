/** Ends a process in order when it is told to, and in any case before the platform kills it. */
import type { Logger } from './log.js';

/** Platforms kill 30 s after SIGTERM. */
const LAST_MOMENT_MS = 24_000;

/** Runs `stop` once, at the first SIGTERM or SIGINT, and exits with what `process.exitCode` then is. */
export function onStopSignal(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const begin = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({}, 'could not stop in time; what is unfinished will be delivered again');
      process.exit(1);
    }, LAST_MOMENT_MS).unref();
    stop().then(
      () => {
        log.info({}, 'stopped');
        process.exit();
      },
      (error) => {
        log.error({ err: error }, 'did not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', begin).on('SIGINT', begin);
}

/** Waits for the work, but no longer than `ms`; what fails or is late is left to the end of the process. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work.catch(() => undefined),
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    }),
  ]);
  clearTimeout(timer);
}
