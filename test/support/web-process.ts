/** The process `web`, without a broker. */
import { TEST_KEYS } from './keyring.js';
import { needed } from './needed.js';
import { Program } from './program.js';
import { until } from './until.js';

/** Many processes may start at once on few cores. */
const STARTED_WITHIN_MS = 50_000;

export class WebProcess {
  readonly #program: Program;

  constructor(environment: Record<string, string>) {
    this.#program = new Program('api/start.js', [], {
      NODE_ENV: 'development',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
      HOST: '127.0.0.1',
      PORT: '0',
      RABBITMQ_URL: 'amqp://127.0.0.1:1',
      REDIS_URL: needed('REDIS_URL'),
      ENCRYPTION_KEYS: TEST_KEYS,
      ...environment,
    });
  }

  /** Where it listens, as soon as it does. Ends with no slash. */
  url(): Promise<string> {
    return until('it listens', () => /"url":"([^"]+)","port"/.exec(this.#program.output)?.[1], STARTED_WITHIN_MS);
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  async kill(): Promise<void> {
    this.#program.signal('SIGKILL');
    await this.#program.ended();
  }
}
