/** `GET /operator/status`: whether the fleet is well, why not, and all figures that say so. */
import { type ActorLoads, actorLoads } from '../../../shared/postgres/instances.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';
import { measurePace, type Pace } from './pace.js';
import { type FleetStatus, fleetStatus } from './status.js';
import { type Verdict, verdictOn } from './verdict.js';

export interface StatusAnswer extends FleetStatus, Verdict {
  readonly at: Date;
}

/** What the console is told every two seconds. */
export interface LiveStatus extends StatusAnswer {
  readonly pace: Pace;
  /** By actor; one that no process says it runs is not there. */
  readonly loads: readonly ActorLoads[];
}

export function statusRoute(app: App, operating: Operating): void {
  app.get('/operator/status', () => statusNow(operating));
}

export async function liveStatus(operating: Operating): Promise<LiveStatus> {
  const { database } = operating;
  return { ...(await statusNow(operating)), loads: await actorLoads(database), pace: await measurePace(database) };
}

async function statusNow(operating: Operating): Promise<StatusAnswer> {
  const status = await fleetStatus(operating);
  return { ...verdictOn(status), at: new Date(), ...status };
}
