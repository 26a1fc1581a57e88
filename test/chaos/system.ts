/** All that faults act on: the servers, what lies between them and the fleet, and the fleet. */
import { Database } from '../../shared/postgres/database.js';
import { Management, virtualHostOf } from '../../shared/rabbitmq/management.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { ChaosFleet } from './chaos-fleet.js';
import { ChaosServers, type ServerName } from './chaos-servers.js';

export interface SystemSetting {
  /** Of the servers. */
  readonly home: string;
  /** For logs, and what the sandbox writes. */
  readonly folder: string;
  readonly processes: number;
  readonly complain: (what: string) => void;
}

export class System {
  readonly servers: ChaosServers;
  /** Between the fleet and each server. */
  readonly lines: Readonly<Record<ServerName, CuttableProxy>>;
  readonly fleet: ChaosFleet;
  /** Past the lines, for whoever looks at what the fleet has done. */
  readonly database: Database;
  readonly management: Management;
  readonly complain: (what: string) => void;

  private constructor(servers: ChaosServers, lines: System['lines'], fleet: ChaosFleet, setting: SystemSetting) {
    this.servers = servers;
    this.lines = lines;
    this.fleet = fleet;
    this.complain = setting.complain;
    this.database = new Database({ url: servers.databaseUrl, connections: 2, applicationName: 'chaos' });
    this.management = new Management(servers.managementUrl);
  }

  static async start(setting: SystemSetting): Promise<System> {
    const servers = new ChaosServers(setting.home);
    const { databaseUrl, brokerUrl, redisUrl } = servers;
    const lines = {
      postgres: await CuttableProxy.start(databaseUrl, 5432),
      rabbitmq: await CuttableProxy.start(brokerUrl, 5672),
      redis: await CuttableProxy.start(redisUrl, 6379),
    };
    const urls = {
      DATABASE_URL: lines.postgres.inFrontOf(databaseUrl),
      RABBITMQ_URL: lines.rabbitmq.inFrontOf(brokerUrl),
      REDIS_URL: lines.redis.inFrontOf(redisUrl),
    };
    const { folder, processes, complain } = setting;
    try {
      const fleet = await ChaosFleet.start({ urls, folder, processes, complain });
      return new System(servers, lines, fleet, setting);
    } catch (error) {
      await closeAll(lines);
      throw error;
    }
  }

  /** The broker's virtual host, as it stands in a path of the management API. */
  get vhost(): string {
    return encodeURIComponent(virtualHostOf(this.servers.brokerUrl));
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.database.close();
    await closeAll(this.lines);
  }
}

async function closeAll(lines: System['lines']): Promise<void> {
  await Promise.all(Object.values(lines).map((line) => line.close()));
}
