/** The line to a server is dead, and nobody says so: what heartbeats and timeouts are for. */
import type { ServerName } from '../chaos-servers.js';
import type { Fault, Part } from '../fault.js';

const silent = (server: ServerName, part: Part, title: string): Fault => ({
  name: `${server}-half-open`,
  what: `nothing passes between the fleet and ${title}, and no connection is closed`,
  touches: [part],
  weight: 1,
  lastsMs: [5000, 45_000],
  async inject({ lines }) {
    for (const line of lines[server]) line.silence();
    return {
      victim: title,
      async heal() {
        for (const line of lines[server]) line.mend();
      },
    };
  },
});

export const networkFaults: readonly Fault[] = [
  silent('postgres', 'postgres', 'PostgreSQL'),
  silent('rabbitmq', 'broker', 'RabbitMQ'),
  silent('redis', 'redis', 'Redis'),
];
