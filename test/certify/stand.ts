/** The fleet that is certified: each part a process of its own, which can be ended at a failpoint and started again. */
import { randomUUID } from 'node:crypto';
import type { Failpoint } from '../../shared/observability/failpoint.js';
import { DEAD_LETTERS, routesOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { manage } from '../support/broker.js';
import { type Deployed, Deployment } from '../support/deployment.js';
import { freePorts } from '../support/free-ports.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

/** `web`, or the name of a worker. */
export type Part = string;

const WEB = 'web';
const DIES_WITHIN_MS = 20_000;

/** Leases so short that the relay takes over at once. */
const ENVIRONMENT = { OUTBOX_LEASE_MS: '500', LOG_LEVEL: 'info' };

export class Stand {
  readonly deployment: Deployment;
  readonly shop: Storefront;
  readonly parts: readonly Part[];
  readonly #queues: ReadonlySet<string>;
  /** Settings of every process that is started from now on. */
  always: Readonly<Record<string, string>> = {};
  readonly #processes = new Map<Part, Deployed>();

  private constructor(deployment: Deployment, workers: readonly RegisteredWorker[]) {
    this.deployment = deployment;
    this.shop = new Storefront(deployment);
    this.parts = [WEB, ...workers.map(({ name }) => name)];
    const actors = workers.flatMap((worker) => worker.actors.map(({ definition }) => definition.name));
    this.#queues = new Set([...actors, DEAD_LETTERS]);
    for (const deployed of deployment.running) {
      const part = this.parts.find((name) => deployed.name === commandOf(name));
      if (part !== undefined) this.#processes.set(part, deployed);
    }
  }

  /** @param dist the compiled project, or a mutant of it */
  static async start(dist: string, environment: Readonly<Record<string, string>>): Promise<Stand> {
    const workers = await loadWorkers(await workerNames());
    const [port] = await freePorts(1);
    const deployment = await Deployment.start({
      dist,
      processes: workers.map(({ name }) => [name]),
      environment: { ...ENVIRONMENT, PORT: String(port), ...environment },
    });
    return new Stand(deployment, workers);
  }

  /** Ends the part's process in order, and starts it with these settings, such as a failpoint. */
  async restart(part: Part, environment: Readonly<Record<string, string>> = {}): Promise<Deployed> {
    const running = this.#processes.get(part);
    if (running !== undefined) await this.deployment.end(running, 'SIGTERM');
    const [script, ...names] = commandOf(part).split(' ');
    const deployed = this.deployment.spawn(script ?? '', names, { ...this.always, ...environment });
    this.#processes.set(part, deployed);
    return deployed;
  }

  /** Starts the part again, unless it runs. */
  async restartIfDead(part: Part): Promise<void> {
    const child = this.#processes.get(part)?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) await this.restart(part);
  }

  /** Ends the part's process in order. */
  async end(part: Part): Promise<void> {
    const running = this.#processes.get(part);
    if (running !== undefined) await this.deployment.end(running, 'SIGTERM');
  }

  /** Arms the part, lets happen what makes it pass the failpoint, sees it die, and starts it again. */
  async killAt(part: Part, failpoint: Failpoint, happening: () => Promise<void>): Promise<void> {
    const armed = await this.restart(part, { FAILPOINT: failpoint });
    const again = this.died(armed, failpoint).then(() => this.restart(part));
    await Promise.all([happening(), again]);
  }

  /** What the part's processes have said, those with the setting `FAILPOINT=trace`, that they passed. */
  passedBy(part: Part): Set<Failpoint> {
    const output = this.deployment.running
      .filter(({ name }) => name === commandOf(part))
      .map((deployed) => deployed.output())
      .join('');
    // The process prints the names of its failpoints.
    return new Set([...output.matchAll(/^passed ([a-z-]+)$/gm)].map(([, name]) => name as Failpoint));
  }

  /** Places an order, as often as it takes until it is accepted, under one key; returns its id. */
  place(order: { readonly token?: string; readonly quantity?: number } = {}): Promise<string> {
    const key = randomUUID();
    return until('the order is accepted', () => this.shop.place({ ...order, key }).catch(() => undefined), 30_000);
  }

  /** Resolves to those that have not come to their end in time. */
  async unfinished(orderIds: readonly string[], withinMs: number): Promise<string[]> {
    const isAtEnd = async (id: string): Promise<boolean> => {
      const order = await this.shop.order(id).catch(() => undefined);
      return order !== undefined && ENDS.has(order.status);
    };
    const left = await Promise.all(
      orderIds.map((id) =>
        until(`order ${id} is at its end`, () => isAtEnd(id), withinMs).then(
          () => [],
          () => [id],
        ),
      ),
    );
    return left.flat();
  }

  /** True when there is a queue of its name. */
  hasQueue(part: Part): boolean {
    return this.#queues.has(part);
  }

  /** The id of a dead letter of the actor that waits for somebody. */
  openLetter(actor: string): Promise<string> {
    return until(`${actor} has an open dead letter`, async () => {
      const { rows } = await this.deployment.database.database.query<{ id: string }>({
        text: `select id from dead_letters where actor = $1 and status = 'open' order by id desc limit 1`,
        values: [actor],
      });
      return rows[0]?.id;
    });
  }

  /** Resolves when web does; it may just have been started again. */
  async webAnswers(): Promise<void> {
    const asked = (): Promise<boolean> =>
      fetch(`${this.deployment.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('web answers', asked, 30_000);
  }

  /** Takes a binding away; what is returned puts it back. */
  async unbind(queue: string, exchange: string, routingKey: string): Promise<() => Promise<void>> {
    const vhost = new URL(this.deployment.brokerUrl).pathname.slice(1);
    const bindings = `/api/bindings/${vhost}/e/${routesOf(exchange)}/q/${queue}`;
    await manage('DELETE', `${bindings}/${routingKey}`);
    return async () => {
      await manage('POST', bindings, { routing_key: routingKey });
    };
  }

  /** Resolves when all orders have the status. */
  async reached(orderIds: readonly string[], status: string): Promise<void> {
    await Promise.all(orderIds.map((id) => this.shop.reached(id, status)));
  }

  /** Resolves when every message of this type was sent, or tried by the relay. */
  async tried(type: string, count: number): Promise<void> {
    await until(`${count} of ${type} are tried`, async () => {
      const { rows } = await this.deployment.database.database.query<{ tried: number }>({
        text: `select count(*) as tried from event_log left join outbox using (id)
               where type = $1 and coalesce(outbox.attempts, 1) > 0`,
        values: [type],
      });
      return (rows[0]?.tried ?? 0) >= count;
    });
  }

  stop(): Promise<void> {
    return this.deployment.stop();
  }

  /** Resolves when the process has died at its failpoint. @throws {Error} when it does not, or ends by itself */
  async died({ child, name }: Deployed, failpoint: Failpoint): Promise<void> {
    await until(
      `${name} dies at ${failpoint}`,
      () => child.exitCode !== null || child.signalCode !== null,
      DIES_WITHIN_MS,
    );
    if (child.signalCode !== 'SIGKILL') throw new Error(`${name} ended by itself: ${child.exitCode}`);
  }
}

const ENDS = new Set(['SHIPPED', 'CANCELLED']);

const commandOf = (part: Part): string => (part === WEB ? 'api/start.js' : `workers/start.js ${part}`);
