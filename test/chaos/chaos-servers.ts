/** The run's own servers, all but a cluster of brokers: to be killed and brought back, with the same ports and data. */
import { runNode } from '../bench/command.js';
import { needed } from '../support/needed.js';

export type ServerName = 'postgres' | 'rabbitmq' | 'redis';

export class ChaosServers {
  readonly #home: string;

  /** @param home their folder */
  constructor(home: string) {
    this.#home = home;
  }

  readonly databaseUrl = needed('DATABASE_URL');
  /** Of one broker, or of each node of a cluster. */
  readonly brokerUrls = needed('RABBITMQ_URL').split(',');
  readonly managementUrl = needed('RABBITMQ_MANAGEMENT_URL');
  readonly redisUrl = needed('REDIS_URL');

  /** As a crash of the machine would end it. */
  async kill(server: ServerName): Promise<void> {
    await this.#servers('kill', server);
  }

  /** Resolves when it answers. */
  async bringBack(server: ServerName): Promise<void> {
    await this.#servers('up', server);
  }

  /** rabbitmqctl; what it printed. */
  control(...words: readonly string[]): Promise<string> {
    return this.#servers('ctl', '--', ...words);
  }

  #servers(action: string, ...words: readonly string[]): Promise<string> {
    return runNode(['scripts/servers.mjs', action, '--dir', this.#home, ...words]);
  }
}
