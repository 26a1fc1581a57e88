/** Ways to a queue that a message which is refused may take, other than straight there. */
import fc from 'fast-check';
import { HEADER } from '../../shared/messaging/wire.js';
import { DEAD_LETTERS, RETRY_RUNGS } from '../../shared/rabbitmq/topology.js';
import { type Hostile, type Making, withHeaders } from './hostile-message.js';

type Detour = (hostile: fc.Arbitrary<Hostile>, making: Making) => fc.Arbitrary<Hostile>;

/** Through the exchange of its owner, to all who listen; or by a key to which nobody does. */
export const byExchange: Detour = (hostile, { listeners }) =>
  fc.tuple(hostile, ONE_IN_TEN).map(
    ([make, unheard]): Hostile =>
      (scene) => {
        const message = make(scene);
        const type = String(message.properties['type']);
        const exchange = type.slice(0, type.indexOf('.'));
        if (unheard) return { ...message, exchange, routingKey: `${exchange}.nothing`, actors: [] };
        const actors = listeners.filter(({ types }) => types.includes(type)).map(({ actor }) => actor);
        return { ...message, exchange, routingKey: type, actors, what: 'by exchange' };
      },
  );

/** As if it had been tried before; or as if an actor had that there is not, whose queue it would never get to. */
export const byTheLadder: Detour = (hostile) =>
  fc.tuple(hostile, fc.boolean()).map(
    ([make, nowhere]): Hostile =>
      (scene) => {
        const message = { ...make(scene), exchange: RETRY_RUNGS[0].name, what: 'by the ladder' };
        return nowhere
          ? { ...message, routingKey: 'nowhere', actors: [] }
          : { ...message, routingKey: message.actors[0] ?? '' };
      },
  );

/** To be thrown away unless somebody takes it at once. */
export const shortLived: Detour = (hostile) =>
  hostile.map(
    (make): Hostile =>
      (scene) => {
        const message = make(scene);
        const properties = { ...message.properties, expiration: '0' };
        return {
          ...message,
          properties,
          what: 'short-lived',
          ends: [...message.ends, 'broker.expired', 'message.wrong-address'],
        };
      },
  );

/** As if it had failed already. */
export const asDeadLetter: Detour = (hostile, { canary }) =>
  fc.tuple(hostile, fc.constantFrom(...ODD_CODES), fc.constantFrom(...ODD_ACTORS)).map(
    ([make, code, actor]): Hostile =>
      (scene) => {
        const message = { ...make(scene), exchange: DEAD_LETTERS, routingKey: actor, actors: [actor] };
        const said = { [HEADER.errorCode]: code, [HEADER.errorMessage]: canary, [HEADER.errorStack]: canary };
        // PostgreSQL holds no NUL.
        const filed =
          typeof code === 'string' && code !== '' ? code.replace('\u0000', '\u2400') : 'broker.delivery-limit';
        return { ...withHeaders(message, said), what: 'dead letter', ends: [filed] };
      },
  );

const ONE_IN_TEN = fc.nat(9).map((n) => n === 0);
const ODD_CODES: readonly unknown[] = [
  ...[undefined, '', 'message.made-up', '\u0000', 'x'.repeat(5000)],
  ...[1, null, ['a'], {}],
];
const ODD_ACTORS = ['inventory', 'nobody', '__proto__', '*', '#', 'x'.repeat(255)];
