/** `GET /operator/instances`: the processes of the fleet, how each does, and which have gone without a word. */
import type { Database } from '../../../shared/postgres/database.js';
import { type ActorLoad, type Instance, listInstances } from '../../../shared/postgres/instances.js';
import type { App } from '../../type-provider.js';

export interface InstanceView extends Omit<Instance, 'actors'> {
  readonly actors: readonly (ActorLoad & { readonly actor: string })[];
}

export function instancesRoute(app: App, database: Database): void {
  app.get('/operator/instances', async () => ({ items: (await listInstances(database)).map(instanceView) }));
}

const instanceView = ({ actors, ...instance }: Instance): InstanceView => ({
  ...instance,
  actors: Object.entries(actors).map(([actor, load]) => ({ actor, ...load })),
});
