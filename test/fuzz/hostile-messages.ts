/** Messages that nobody of good will sends, made of what the contracts say is right, and what must become of each. */
import fc from 'fast-check';
import { asDeadLetter, byExchange, byTheLadder, shortLived } from './detours.js';
import { ODD_PROPERTIES, oddHeaders } from './hostile-headers.js';
import type { Hostile, Making } from './hostile-message.js';
import { huge, spoiltBody, twoOrders, unkeepable, wrongBytes, wrongProperty } from './refused-messages.js';
import { otherUnderItsId, repetition, toldAgain, unknownOrder } from './well-formed-messages.js';

export function hostileMessages(making: Making): fc.Arbitrary<Hostile> {
  const spoilt = spoiltBody(making);
  const kind = fc.oneof(
    { weight: 120, arbitrary: spoilt },
    { weight: 30, arbitrary: wrongBytes(making) },
    { weight: 20, arbitrary: unkeepable(making) },
    { weight: 80, arbitrary: wrongProperty(making) },
    { weight: 30, arbitrary: twoOrders(making) },
    { weight: 2, arbitrary: huge(making) },
    { weight: 50, arbitrary: unknownOrder(making) },
    { weight: 50, arbitrary: toldAgain(making) },
    { weight: 30, arbitrary: repetition(making) },
    { weight: 30, arbitrary: otherUnderItsId(making) },
    { weight: 30, arbitrary: byExchange(spoilt, making) },
    { weight: 10, arbitrary: byTheLadder(spoilt, making) },
    { weight: 10, arbitrary: shortLived(spoilt, making) },
    { weight: 20, arbitrary: asDeadLetter(spoilt, making) },
  );
  const odd = fc.option(fc.tuple(oddHeaders(making.canary), ODD_PROPERTIES), { nil: undefined, freq: 2 });
  return fc.tuple(kind, odd).map(([hostile, more]) => (more === undefined ? hostile : withOddities(hostile, ...more)));
}

/** Says more than it has to; what it has to say stays as it is. */
const withOddities =
  (hostile: Hostile, headers: object, properties: object): Hostile =>
  (scene) => {
    const message = hostile(scene);
    const own = message.properties['headers'] as object;
    return { ...message, properties: { ...properties, ...message.properties, headers: { ...headers, ...own } } };
  };
