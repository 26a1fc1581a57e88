/** A sandbox process from its first log line to its last. */
export interface Running {
  /** Address of its HTTP side. */
  url: string;
  /** Address of its SMTP side, if it has one. */
  smtpUrl?: string;
  stop(): Promise<void>;
}

/** Starts, says where it listens in one JSON line, and stops on SIGTERM or SIGINT. Exits with 1 when it cannot start. */
export async function run(part: string, start: () => Promise<Running>): Promise<void> {
  const log = (level: 'info' | 'error', msg: string, addresses: Partial<Running> = {}) =>
    process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), part, msg, ...addresses })}\n`);
  try {
    const running = await start();
    let stopping = false;
    const stop = async () => {
      if (stopping) return;
      stopping = true;
      log('info', 'stopping');
      await running.stop();
      log('info', 'stopped');
      // A request that is told to take minutes must not hold the process.
      process.exit(0);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    log('info', 'listening', running);
  } catch (error) {
    log('error', error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
