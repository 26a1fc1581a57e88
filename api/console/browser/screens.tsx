/** The screens and where they are. */
import type { ComponentChild } from 'preact';
import { Audit } from './audit.js';
import { Flow } from './flow/flow.js';
import { DeadLetters } from './letters/dead-letters.js';
import { LetterScreen } from './letters/letter.js';
import { Order } from './orders/order.js';
import { OrderList } from './orders/order-list.js';
import { Overview } from './overview.js';
import { Queues } from './queues/queues.js';
import { ReplayScreen } from './replays/replay.js';
import { ReplayList } from './replays/replay-list.js';
import { Screen } from './screen.js';
import { Storefront } from './storefront.js';

/** `name` is the first part of the address. */
export const NAVIGATION: readonly { readonly name: string; readonly title: string; readonly only?: 'development' }[] = [
  { name: '', title: 'Overview' },
  { name: 'flow', title: 'Flow' },
  { name: 'orders', title: 'Orders' },
  { name: 'queues', title: 'Queues' },
  { name: 'dead-letters', title: 'Dead letters' },
  { name: 'replays', title: 'Replays' },
  { name: 'audit', title: 'Audit' },
  { name: 'test-orders', title: 'Test orders', only: 'development' },
];

export function screenAt(path: readonly string[], query: Readonly<Record<string, string>>): ComponentChild {
  const [name = '', id] = path;
  switch (name) {
    case '':
      return <Overview />;
    case 'flow':
      return <Flow />;
    case 'queues':
      return <Queues />;
    case 'audit':
      return <Audit query={query} />;
    case 'test-orders':
      return <Storefront />;
    case 'orders':
      return id === undefined ? <OrderList query={query} /> : <Order key={id} id={id} />;
    case 'replays':
      return id === undefined ? <ReplayList query={query} /> : <ReplayScreen key={id} id={id} />;
    case 'dead-letters':
      return id === undefined ? <DeadLetters query={query} /> : <LetterScreen key={id} id={id} />;
    default:
      return (
        <Screen title="Nothing is here">
          <p>
            The console has no screen of this address. <a href="#/">Overview</a>
          </p>
        </Screen>
      );
  }
}
