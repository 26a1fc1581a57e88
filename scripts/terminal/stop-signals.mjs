/**
 * Under npm a Ctrl-C reaches us twice, from the terminal and from npm: what comes this soon after the first is the same wish.
 */
const SAME_WISH_MS = 700;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, and calls back on a second one.
 * @returns {{ signal: AbortSignal, asked: Promise<void>, onSecond: (act: () => void) => void }}
 */
export function untilStopped() {
  const controller = new AbortController();
  let first = 0;
  let second = () => {};
  /** @type {Promise<void>} */
  const asked = new Promise((resolve) => {
    for (const name of SIGNALS) {
      process.on(name, () => {
        if (controller.signal.aborted) {
          if (Date.now() - first > SAME_WISH_MS) {
            const act = second;
            second = () => {};
            act();
          }
          return;
        }
        first = Date.now();
        controller.abort(new Error(`stopped by ${name}`));
        resolve();
      });
    }
  });
  // Whoever read our output has gone, as in `npm start | head` or a terminal that was closed. That is one wish to stop,
  // however many lines then fail to be written, and never a second.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {
      if (!controller.signal.aborted) process.emit('SIGHUP', 'SIGHUP');
    });
  }
  return {
    signal: controller.signal,
    asked,
    onSecond: (act) => {
      second = act;
    },
  };
}
