/** What is asked to be replayed, as a body, and what it means. */
import { END_OF_TIME, leastId } from '../../../shared/messaging/message-id.js';
import { fitting } from '../../../shared/messaging/type-pattern.js';
import Type, { type Static } from '../../../shared/messaging/typebox.js';
import type { ReplayWanted } from '../../../shared/postgres/replays.js';
import { oneLine, Time, Types, Uuid } from '../../one-line-text.js';
import { leastMessageId } from '../../orders/order-id.js';
import { invalid, timeMs } from '../../time-asked.js';
import { Reason } from '../change.js';
import type { FleetActor } from '../fleet.js';

const PER_SECOND = 50;

/** What every replay says. */
const forWhom = {
  to: oneLine(64),
  effects: Type.Optional(Type.Boolean()),
  perSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  reason: Reason,
};

export const ReplayBody = Type.Object(
  {
    ...forWhom,
    from: Type.Optional(Time),
    until: Type.Optional(Time),
    types: Type.Optional(Types),
    order: Type.Optional(Uuid),
  },
  { additionalProperties: false },
);

export const ImportBody = Type.Object(forWhom, { additionalProperties: false });

/** What comes from a file is meant whole. @throws {Problem} `request.invalid` */
export function importWanted(
  { to, effects = false, perSecond = PER_SECOND }: Static<typeof ImportBody>,
  fleet: readonly FleetActor[],
): ReplayWanted {
  const { name } = actorNamed(to, fleet);
  return {
    actor: name,
    fromId: leastId(0),
    untilId: END_OF_TIME,
    types: null,
    order: null,
    effects,
    imported: true,
    perSecond,
  };
}

/** @throws {Problem} `request.invalid` */
export function wantedOf(
  { to, from, until, types, order, effects = false, perSecond = PER_SECOND }: Static<typeof ReplayBody>,
  { fleet, now }: { readonly fleet: readonly FleetActor[]; readonly now: Date },
): ReplayWanted {
  const { contracts } = actorNamed(to, fleet);
  if (from === undefined && order === undefined)
    throw invalid({ pointer: '/from', detail: 'says from when on, or "order" of which order' });
  if (![...contracts.keys()].some(fitting(types)))
    throw invalid({ pointer: '/types', detail: `fits nothing that ${to} takes: ${[...contracts.keys()].join(', ')}` });
  const fromMs = from === undefined ? 0 : timeMs(from, { pointer: '/from' });
  // Whatever comes from now on comes to the actor's queue by itself.
  const untilMs = Math.min(
    until === undefined ? Number.POSITIVE_INFINITY : timeMs(until, { pointer: '/until' }),
    now.getTime(),
  );
  if (fromMs >= untilMs) throw invalid({ pointer: '/from', detail: 'has to be before "until", and past' });
  return {
    actor: to,
    fromId: from === undefined && order !== undefined ? leastMessageId([order]) : leastId(fromMs),
    untilId: leastId(untilMs),
    types: types ?? null,
    order: order ?? null,
    effects,
    imported: false,
    perSecond,
  };
}

/** @throws {Problem} `request.invalid` */
export function actorNamed(name: string, fleet: readonly FleetActor[]): FleetActor {
  const actor = fleet.find((one) => one.name === name);
  if (actor !== undefined) return actor;
  const names = fleet.map((one) => one.name).join(', ');
  throw invalid({ pointer: '/to', detail: `is no actor of this release; there are ${names}` });
}
