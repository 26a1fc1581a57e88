import { serverWarnings } from '../config/server-url.js';

/** Says on stderr how servers are reached, where whoever runs a script should know: what web and workers log at their start. */
export function warnOfServers(servers: Parameters<typeof serverWarnings>[0], nodeEnv: string): void {
  for (const warning of serverWarnings(servers, nodeEnv)) process.stderr.write(`warning: ${warning}\n`);
}
