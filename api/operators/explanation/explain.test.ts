import { expect } from 'chai';
import { OrderCancelled, OrderPlaced, OrderReady } from '../../../workers/orders/messages.js';
import type { FleetActor } from '../fleet.js';
import type { LetterFacts, MessageFacts, OrderEvidence } from './evidence.js';
import { explain } from './explain.js';

describe('the explanation of an order', () => {
  const at = new Date('2026-01-01T10:00:00Z');
  const actor = (name: string, ...contracts: { readonly name: string }[]): FleetActor => ({
    name,
    contracts: new Map(contracts.map((contract) => [contract.name, contract])) as unknown as FleetActor['contracts'],
    prefetch: 100,
  });
  const message = (
    id: string,
    contract: { readonly name: string },
    over: Partial<MessageFacts> = {},
  ): MessageFacts => ({
    id,
    type: contract.name,
    at,
    handledBy: ['inventory', 'payment', 'shipping', 'email', 'orders'],
    forgotten: false,
    unsentAttempts: null,
    ...over,
  });
  const letter = (over: Partial<LetterFacts> = {}): LetterFacts => ({
    id: 'l1',
    actor: 'payment',
    messageId: 'm1',
    type: OrderPlaced.name,
    status: 'open',
    code: 'payment.refused',
    message: 'the provider knows no such token',
    attempts: 6,
    firstAt: at,
    lastAt: at,
    ...over,
  });
  const working = { queue: 'any', waiting: 0, consumers: 1 };
  const evidence = (over: Partial<OrderEvidence> = {}): OrderEvidence => ({
    order: {
      id: 'o1',
      status: 'INITIATED',
      stock: 'reserved',
      payment: 'pending',
      shipment: 'none',
      cancelReason: null,
      placedAt: at,
    },
    messages: [message('m1', OrderPlaced, { handledBy: ['inventory'] })],
    letters: [],
    timers: [],
    circuits: [],
    settings: new Map(),
    actors: [
      actor('inventory', OrderPlaced, OrderCancelled),
      actor('payment', OrderPlaced, OrderCancelled),
      actor('shipping', OrderReady),
    ],
    broker: {
      silent: undefined,
      queues: new Map([
        ['inventory', working],
        ['payment', working],
        ['shipping', working],
      ]),
      retrying: 0,
      unfiled: 0,
    },
    ...over,
  });
  const payment = (look: { readonly waiting: number; readonly consumers: number }, retrying = 0) => {
    const { broker, ...rest } = evidence();
    return {
      ...rest,
      broker: { ...broker, retrying, queues: new Map([...broker.queues, ['payment', { queue: 'payment', ...look }]]) },
    };
  };
  const paused = { by: 'Ada', reason: 'the bank is moving', since: at };
  const kinds = (of: OrderEvidence): string[] =>
    explain(of).waits.map((wait) => `${wait.kind} ${wait.actor ?? ''}`.trim());
  const standing = (status: string) => ({ ...evidence().order, status });

  it('waits for nothing at its end, whatever timers are left', () => {
    const done = explain(
      evidence({
        order: standing('SHIPPED'),
        messages: [message('m1', OrderPlaced)],
        timers: [{ type: 'orders.enforce-shipping-deadline', dueAt: at }],
      }),
    );
    expect(done).to.deep.include({ done: true, waits: [], nextDeadline: null });
    expect(done.unblock.says).to.equal('nothing is to be done');
  });

  it('is not done while something said about it is not handled, though it is at its end', () => {
    const explained = explain(evidence({ order: standing('CANCELLED') }));
    expect(explained.done).to.equal(false);
    expect(explained.stands).to.include('still to be handled');
  });

  it('names the worker to start where nobody consumes the queue', () => {
    const [wait] = explain(payment({ waiting: 3, consumers: 0 })).waits;
    expect(wait).to.deep.include({ kind: 'no-consumer', actor: 'payment', since: at.toISOString() });
    expect(wait?.message).to.deep.equal({ id: 'm1', type: OrderPlaced.name });
    expect(wait?.unblock.command).to.equal('node dist/workers/start.js payment');
  });

  it('tells waiting behind others from being in hand, and what may be on the ladder', () => {
    expect(kinds(payment({ waiting: 7, consumers: 2 }))).to.deep.equal(['queued payment']);
    expect(explain(payment({ waiting: 7, consumers: 2 })).waits[0]?.says).to.include('7 messages are ready');
    expect(kinds(payment(working))).to.deep.equal(['under-way payment']);
    expect(explain(payment(working)).waits[0]?.says).not.to.include('ladder');
    expect(explain(payment(working, 4)).waits[0]?.says).to.include('retry ladder (4');
  });

  it('names the release step where the queue is missing', () => {
    const { broker } = evidence();
    const explained = explain(evidence({ broker: { ...broker, queues: new Map() } }));
    expect(explained.waits[0]?.kind).to.equal('queue-missing');
    expect(explained.unblock.command).to.equal('node dist/scripts/release.js');
  });

  it('gives error, attempts and the command of its dead letter, and counts the message once', () => {
    const explained = explain(evidence({ letters: [letter()] }));
    expect(explained.waits).to.have.length(1);
    expect(explained.waits[0]).to.deep.include({ kind: 'dead-letter', attempts: 6, letter: 'l1' });
    expect(explained.waits[0]?.says).to.include('payment.refused: the provider knows no such token');
    expect(explained.unblock.command).to.match(/^warren dead-letters redrive l1 /);
    expect(explained.deadLetters.map(({ id }) => id)).to.deep.equal(['l1']);
  });

  it('has a letter that nobody may send discarded, and nothing wait behind it', () => {
    const forged = letter({ id: 'l0', code: 'message.wrong-address', messageId: 'unaddressed:m2' });
    const held = letter({ id: 'l2', messageId: 'm2', status: 'held' });
    const explained = explain(evidence({ letters: [forged, held] }));
    expect(explained.unblock.command).to.match(/^warren dead-letters discard l0 /);
    expect(explained.waits.find(({ kind }) => kind === 'held')?.unblock.command).to.equal(undefined);
  });

  it('points from what is held to the letter ahead of it, and puts that first', () => {
    const held = letter({ id: 'l2', messageId: 'm2', status: 'held', type: OrderCancelled.name });
    const explained = explain(evidence({ letters: [letter(), held] }));
    expect(explained.waits.map(({ kind }) => kind)).to.deep.equal(['dead-letter', 'held']);
    expect(explained.waits[1]?.unblock.command).to.equal('warren dead-letters show l1');
    const other = letter({ id: 'l0', actor: 'email' });
    expect(
      explain(evidence({ letters: [other, held] })).waits.find(({ kind }) => kind === 'held')?.says,
    ).not.to.include('l0');
  });

  it('waits for a redrive that is under way, and for nothing that is settled', () => {
    expect(kinds(evidence({ letters: [letter({ status: 'redriving' })] }))).to.deep.equal(['redriving payment']);
    const settled = evidence({
      messages: [message('m1', OrderPlaced)],
      letters: [letter({ status: 'discarded' })],
      timers: [{ type: 'orders.enforce-payment-deadline', dueAt: at }],
    });
    expect(kinds(settled)).to.deep.equal(['timer']);
  });

  it('says of what is not sent whether the broker is away', () => {
    const messages = [message('m1', OrderPlaced, { handledBy: [], unsentAttempts: 3 })];
    const { broker } = evidence();
    const away = explain(evidence({ messages, broker: { ...broker, silent: 'web is not connected to RabbitMQ' } }));
    expect(away.waits.map(({ kind }) => kind)).to.deep.equal(['unsent', 'unsent']);
    expect(away.waits[0]).to.include({ attempts: 3 });
    expect(away.unblock.says).to.include('bring RabbitMQ back');
    expect(explain(evidence({ messages })).unblock.says).to.include('relay');
  });

  it('says that it cannot tell about a queue while the broker is silent', () => {
    const { broker } = evidence();
    expect(kinds(evidence({ broker: { ...broker, silent: 'no answer' } }))).to.deep.equal(['broker-silent payment']);
  });

  it('names the provider that is left alone, with its failure and the next try', () => {
    const circuit = {
      provider: 'payment provider',
      actors: ['payment'],
      reason: 'connection refused',
      openedAt: at,
      nextTryAt: new Date('2026-01-01T10:00:30Z'),
    };
    const explained = explain(evidence({ circuits: [circuit] }));
    expect(explained.waits[0]?.kind).to.equal('provider');
    for (const part of ['payment provider', 'connection refused', '10:00:30'])
      expect(explained.waits[0]?.says).to.include(part);
    expect(kinds(evidence({ circuits: [{ ...circuit, actors: ['shipping'] }] }))).to.deep.equal(['under-way payment']);
  });

  it('waits for its next timer when all is handled, and says what follows and how to end it', () => {
    const explained = explain(
      evidence({
        messages: [message('m1', OrderPlaced)],
        timers: [{ type: 'orders.enforce-payment-deadline', dueAt: new Date('2026-01-01T10:30:00Z') }],
      }),
    );
    expect(explained.waits[0]).to.include({ kind: 'timer', since: at.toISOString() });
    expect(explained.nextDeadline).to.include({ dueAt: '2026-01-01T10:30:00.000Z' });
    expect(explained.nextDeadline?.follows).to.include('payment-overdue');
    expect(explained.unblock.command).to.equal('warren orders cancel o1 --reason "WHY"');
  });

  it('does not hide that nothing will happen any more', () => {
    expect(kinds(evidence({ messages: [message('m1', OrderPlaced)] }))).to.deep.equal(['nothing']);
  });

  it('says of one that is being cancelled why, and who has yet to give back', () => {
    const cancelling = explain(
      evidence({
        order: { ...standing('CANCELLING'), cancelReason: 'customer' },
        messages: [message('m1', OrderPlaced), message('m2', OrderCancelled, { handledBy: ['inventory'] })],
      }),
    );
    expect(cancelling.stands).to.include('being cancelled: customer');
    expect(cancelling.waits.map(({ actor, message }) => [actor, message?.id])).to.deep.equal([['payment', 'm2']]);
  });

  it('takes what is older than the inbox for handled', () => {
    const messages = [message('m1', OrderPlaced, { handledBy: [], forgotten: true })];
    expect(explain(evidence({ order: standing('SHIPPED'), messages })).done).to.equal(true);
  });

  it('says who has paused an actor and why, before all that follows from the pause', () => {
    const settings = new Map([['payment', { paused, prefetch: null }]]);
    const explanation = explain({ ...payment({ waiting: 1, consumers: 0 }), settings });
    expect(explanation.waits[0]).to.deep.include({ kind: 'paused', actor: 'payment' });
    expect(explanation.waits[0]?.says).to.equal(
      'Ada has paused payment since 2026-01-01T10:00:00.000Z: the bank is moving',
    );
    expect(explanation.unblock.command).to.include('warren queues resume payment');
  });
});
