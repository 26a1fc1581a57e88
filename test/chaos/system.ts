/** All that faults act on: the servers, what lies between them and the fleet, and the fleet. */
import { Database } from '../../shared/postgres/database.js';
import { Management, virtualHostOf } from '../../shared/rabbitmq/management.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { ChaosCluster } from './chaos-cluster.js';
import { ChaosFleet } from './chaos-fleet.js';
import { ChaosServers, type ServerName } from './chaos-servers.js';

export interface SystemSetting {
  /** Of the servers. */
  readonly home: string;
  /** For logs, and what the sandbox writes. */
  readonly folder: string;
  readonly processes: number;
  /** Of the nodes, where the broker is a cluster. */
  readonly clusterHome: string | undefined;
  readonly complain: (what: string) => void;
}

export class System {
  readonly servers: ChaosServers;
  readonly cluster: ChaosCluster | undefined;
  /** Between the fleet and each server, or each node of it. */
  readonly lines: Readonly<Record<ServerName, readonly CuttableProxy[]>>;
  readonly fleet: ChaosFleet;
  /** Past the lines, for whoever looks at what the fleet has done. */
  readonly database: Database;
  readonly management: Management;
  readonly complain: (what: string) => void;

  private constructor(servers: ChaosServers, lines: System['lines'], fleet: ChaosFleet, setting: SystemSetting) {
    this.servers = servers;
    this.lines = lines;
    this.fleet = fleet;
    this.cluster = setting.clusterHome === undefined ? undefined : new ChaosCluster(setting.clusterHome);
    this.complain = setting.complain;
    this.database = new Database({ url: servers.databaseUrl, connections: 2, applicationName: 'chaos' });
    this.management = new Management(servers.managementUrl);
  }

  static async start(setting: SystemSetting): Promise<System> {
    const servers = new ChaosServers(setting.home);
    const { databaseUrl, brokerUrls, redisUrl } = servers;
    const lines = {
      postgres: await linesTo([databaseUrl], 5432),
      rabbitmq: await linesTo(brokerUrls, 5672),
      redis: await linesTo([redisUrl], 6379),
    };
    const urls = {
      DATABASE_URL: through(lines.postgres, [databaseUrl]),
      RABBITMQ_URL: through(lines.rabbitmq, brokerUrls),
      REDIS_URL: through(lines.redis, [redisUrl]),
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
    return encodeURIComponent(virtualHostOf(this.servers.brokerUrls[0] ?? ''));
  }

  /** rabbitmqctl on the broker, or on the first node of the cluster. */
  async controlBroker(...words: readonly string[]): Promise<void> {
    await (this.cluster?.control(1, ...words) ?? this.servers.control(...words));
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.database.close();
    await closeAll(this.lines);
  }
}

const linesTo = (urls: readonly string[], defaultPort: number): Promise<CuttableProxy[]> =>
  Promise.all(urls.map((url) => CuttableProxy.start(url, defaultPort)));

/** The URLs as they are behind the lines. */
const through = (lines: readonly CuttableProxy[], urls: readonly string[]): string =>
  urls.flatMap((url, at) => lines[at]?.inFrontOf(url) ?? []).join(',');

async function closeAll(lines: System['lines']): Promise<void> {
  await Promise.all(Object.values(lines).flatMap((ofServer) => ofServer.map((line) => line.close())));
}
