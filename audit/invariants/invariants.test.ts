import { expect } from 'chai';
import { ResendMail } from '../../workers/email/messages.js';
import { StockReserved } from '../../workers/inventory/messages.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced } from '../../workers/orders/messages.js';
import { INITIATED } from '../../workers/orders/order.saga.js';
import { PaymentAuthorized } from '../../workers/payment/messages.js';
import { OrderShipped } from '../../workers/shipping/messages.js';
import type { Dossier, Logged } from '../dossier.js';
import { NoEvidence } from '../no-evidence.js';
import type { BookEntry } from '../sources/provider-books.js';
import type { LoggedRequest } from '../sources/request-log.js';
import { caused, inTurn } from './causes.js';
import { atItsEnd, oneTerminalEvent } from './ends.js';
import { announcedOnce, brokenAnswers } from './intake.js';
import { labelOfTheShipped, oneLabel } from './labels.js';
import { leakedConnections } from './leaks.js';
import { addressedRight, filed, mailedOnce } from './mails.js';
import { nothingHeld, oncePerStep, paidRight } from './money.js';
import { reservationEnded } from './stock.js';

const logged = (type: string, id: string = type, causationId: string | null = null, producer = 'web'): Logged => ({
  id,
  type,
  causationId,
  producer,
  handledBy: [],
  setAsideBy: [],
});

const PLACED: Dossier = {
  id: 'o-1',
  progress: INITIATED,
  total: { amount: 500, currency: 'GBP' },
  email: 'ada@example.test',
  emailUnread: undefined,
  messages: [logged(OrderPlaced.name)],
  edited: [],
  reservation: undefined,
  trackingNumber: undefined,
  mailed: [],
  resends: [],
  mailedAgain: [],
};
const SHIPPED: Dossier = {
  ...PLACED,
  progress: { ...INITIATED, status: 'SHIPPED' },
  messages: [OrderPlaced, OrderConfirmed, OrderShipped].map(({ name }) => logged(name)),
  reservation: 'shipped',
  trackingNumber: 'T1',
  mailed: ['confirmed', 'shipped'],
};
const CANCELLED: Dossier = {
  ...PLACED,
  progress: { ...INITIATED, status: 'CANCELLED' },
  messages: [OrderPlaced, OrderCancelled].map(({ name }) => logged(name)),
  reservation: 'released',
  mailed: ['cancelled'],
};

const by = { orderId: 'o-1', idempotencyKey: 'k' };
const gbp = (amount: number) => ({ amount, currency: 'GBP' });
const authorized = (id = 'a1'): BookEntry => ({ ...by, kind: 'authorized', id, ...gbp(500) });
const captured = (amount = 500): BookEntry => ({ ...by, kind: 'captured', ...gbp(amount), authorizationIds: ['a1'] });
const voided: BookEntry = { ...by, kind: 'voided', ...gbp(500), authorizationIds: ['a1'] };
const refunded: BookEntry = { ...by, kind: 'refunded', ...gbp(500) };
const labelled = (number = 'T1'): BookEntry => ({ ...by, kind: 'labelled', trackingNumbers: [number] });
const unlabelled: BookEntry = { ...by, kind: 'label-cancelled', trackingNumbers: ['T1'] };

describe('the invariants of one order', () => {
  it('has it announced once', () => {
    expect(announcedOnce(PLACED)).to.deep.equal([]);
    expect(announcedOnce({ ...PLACED, messages: [] })).to.deep.equal(['was announced 0 times']);
  });

  it('has it come to one end', () => {
    expect(atItsEnd(PLACED)).to.deep.equal(['is still INITIATED']);
    expect(oneTerminalEvent(PLACED)).to.equal(undefined);
    for (const order of [SHIPPED, CANCELLED]) expect(oneTerminalEvent(order)).to.deep.equal([]);
    const both = { ...SHIPPED, messages: [...SHIPPED.messages, logged(OrderCancelled.name)] };
    expect(oneTerminalEvent(both)).to.deep.equal(['is SHIPPED, and orders.order-cancelled stands 1 times in its log']);
  });

  it('has no stock set aside at its end', () => {
    expect(reservationEnded(SHIPPED)).to.deep.equal([]);
    expect(reservationEnded(CANCELLED)).to.deep.equal([]);
    expect(reservationEnded({ ...CANCELLED, reservation: 'reserved' })).to.have.length(1);
    expect(reservationEnded({ ...CANCELLED, reservation: 'shipped' })).to.have.length(1);
    expect(reservationEnded({ ...SHIPPED, reservation: undefined })).to.have.length(1);
  });

  it('has its total paid when it is shipped, and nothing otherwise', () => {
    expect(paidRight(SHIPPED, [authorized(), captured()])).to.deep.equal([]);
    expect(paidRight(SHIPPED, [authorized()])).to.deep.equal(['is SHIPPED; 0 GBP stay paid where 500 are due']);
    expect(paidRight(CANCELLED, [authorized(), captured(), refunded])).to.deep.equal([]);
    expect(paidRight(CANCELLED, [authorized(), captured()])).to.have.length(1);
    expect(paidRight(PLACED, [])).to.equal(undefined);
    const dollars = [authorized(), captured()].map((entry) => ({ ...entry, currency: 'USD' }));
    expect(paidRight(SHIPPED, dollars)).to.have.length(2);
  });

  it('has no money held at its end', () => {
    expect(nothingHeld(CANCELLED, [authorized(), voided])).to.deep.equal([]);
    expect(nothingHeld(SHIPPED, [authorized(), captured()])).to.deep.equal([]);
    expect(nothingHeld(CANCELLED, [authorized(), authorized('a2'), voided])).to.deep.equal([
      'is CANCELLED, and a2 still holds 500 GBP',
    ]);
  });

  it('is charged once', () => {
    expect(oncePerStep(SHIPPED, [authorized(), captured()])).to.deep.equal([]);
    expect(oncePerStep(SHIPPED, [captured(), captured()])).to.deep.equal(['was captured 2 times']);
    expect(oncePerStep(SHIPPED, [])).to.equal(undefined);
  });

  it('is mailed about again once for each time that somebody asked for it, and for no other', () => {
    const wish = { ...logged(ResendMail.name, 'm-1'), handledBy: ['email'] };
    const asked = {
      ...CANCELLED,
      messages: [...CANCELLED.messages, wish],
      resends: [{ id: 'r-1', occasion: 'cancelled', messageId: 'm-1' }],
    };
    const first = { orderId: 'o-1', occasion: 'cancelled', messageId: '<o-1.cancelled@x>', to: ['ada@example.test'] };
    const again = { ...first, messageId: '<o-1.cancelled.r-1@x>' };
    expect(mailedOnce(asked, [first, again])).to.deep.equal([]);
    expect(mailedOnce(asked, [first])).to.deep.equal([
      'the mail "cancelled" was asked for again, and never sent again',
    ]);
    expect(
      mailedOnce({ ...asked, messages: [{ ...wish, setAsideBy: ['email'] }, ...CANCELLED.messages] }, [first]),
    ).to.deep.equal([]);
    expect(mailedOnce(asked, [first, again, { ...first, messageId: '<o-1.cancelled.r-2@x>' }])).to.deep.equal([
      'the mail "cancelled" was sent 2 times',
    ]);
    expect(mailedOnce(asked, [again])).to.deep.equal(['the mail "cancelled" was never sent']);
  });

  it('has each mail that somebody asked for again filed, and no other', () => {
    const wish = { ...logged(ResendMail.name, 'm-1'), handledBy: ['email'] };
    const again = { id: 'r-1', occasion: 'cancelled' };
    const asked = {
      ...CANCELLED,
      messages: [...CANCELLED.messages, wish],
      resends: [{ ...again, messageId: 'm-1' }],
      mailedAgain: [again],
    };
    const unfiled = ['the mail "cancelled" was asked for again, and is not filed as sent again'];
    const unasked = ['the mail "cancelled" is filed as sent again, and nobody asked for that'];
    expect(filed(asked)).to.deep.equal([]);
    expect(filed({ ...asked, mailedAgain: [] })).to.deep.equal(unfiled);
    expect(filed({ ...asked, resends: [] })).to.deep.equal(unasked);
    expect(filed({ ...asked, mailedAgain: [{ ...again, id: 'r-2' }] })).to.deep.equal([...unfiled, ...unasked]);
    for (const unsent of [
      { ...wish, handledBy: [] },
      { ...wish, setAsideBy: ['email'] },
    ]) {
      expect(filed({ ...asked, messages: [...CANCELLED.messages, unsent], mailedAgain: [] })).to.deep.equal([]);
    }
  });

  it('is mailed about once, by our file and by the sink', () => {
    expect(filed(SHIPPED)).to.deep.equal([]);
    expect(filed({ ...CANCELLED, mailed: ['confirmed'] })).to.deep.equal([
      'the mail "confirmed" is filed, and that did not happen',
      'the mail "cancelled" is not filed',
    ]);
    const mail = { orderId: 'o-1', occasion: 'cancelled', messageId: '<1>', to: ['Ada@example.test'] };
    expect(mailedOnce(CANCELLED, [mail])).to.deep.equal([]);
    expect(mailedOnce(CANCELLED, [mail, mail])).to.deep.equal([]);
    expect(mailedOnce(CANCELLED, [mail, { ...mail, messageId: '<2>' }])).to.deep.equal([
      'the mail "cancelled" was sent 2 times',
    ]);
    expect(mailedOnce(CANCELLED, [])).to.deep.equal(['the mail "cancelled" was never sent']);
    expect(mailedOnce(CANCELLED, [mail, { ...mail, occasion: 'shipped', messageId: '<3>' }])).to.have.length(1);
  });

  it('is mailed about to its customer alone, and no pass is given where nobody can read who that is', () => {
    const mail = { orderId: 'o-1', occasion: 'cancelled', messageId: '<1>', to: ['Ada@example.test'] };
    const wrong = ['the mail "cancelled" went to another address than the customer\'s'];
    expect(addressedRight(CANCELLED, [mail])).to.deep.equal([]);
    expect(addressedRight(CANCELLED, [mail, { ...mail, to: ['eve@example.test'] }])).to.deep.equal(wrong);
    expect(addressedRight(CANCELLED, [{ ...mail, to: [...mail.to, 'eve@example.test'] }])).to.deep.equal(wrong);
    expect(addressedRight(CANCELLED, []), 'nothing to look at').to.equal(undefined);
    const erased = { ...CANCELLED, email: undefined };
    expect(addressedRight(erased, [mail])).to.deep.equal([]);
    const unread = { ...erased, emailUnread: 'the key is missing' };
    expect(addressedRight(unread, [])).to.equal(undefined);
    expect(() => addressedRight(unread, [mail])).to.throw(NoEvidence, 'the key is missing');
  });

  it('has one label, made after the charge, that its parcel carries', () => {
    expect(oneLabel(SHIPPED, [captured(), labelled()])).to.deep.equal([]);
    expect(oneLabel(SHIPPED, [labelled(), captured()])).to.deep.equal(['was given a label before it was charged']);
    expect(oneLabel({ ...SHIPPED, total: gbp(0) }, [labelled()])).to.deep.equal([]);
    expect(oneLabel(SHIPPED, [captured(), labelled(), labelled('T2')])).to.deep.equal(['was given 2 labels']);
    expect(labelOfTheShipped(SHIPPED, [labelled()])).to.deep.equal([]);
    expect(labelOfTheShipped(SHIPPED, [labelled('T2')])).to.have.length(1);
    expect(labelOfTheShipped(SHIPPED, [labelled(), unlabelled])).to.have.length(1);
    expect(labelOfTheShipped(CANCELLED, [labelled()])).to.have.length(1);
    expect(labelOfTheShipped(CANCELLED, [labelled(), unlabelled])).to.deep.equal([]);
  });

  it('has a cause for whatever an actor published', () => {
    const listeners = [{ actor: 'orders', types: [] }];
    const confirmed = logged(OrderConfirmed.name, 'c', 'p', 'orders');
    expect(caused({ edited: [], messages: [logged(OrderPlaced.name, 'p'), confirmed] }, listeners)).to.deep.equal([]);
    expect(caused({ edited: [], messages: [confirmed] }, listeners)).to.have.length(1);
    expect(caused({ edited: [], messages: [{ ...confirmed, causationId: null }] }, listeners)).to.deep.equal([
      'orders.order-confirmed of orders names no cause',
    ]);
  });

  it('has nothing before what it needs, by the causes', () => {
    const reserved = logged(StockReserved.name, 'r', 'p');
    const held = logged(PaymentAuthorized.name, 'h', 'p');
    const confirmed = logged(OrderConfirmed.name, 'c', 'h');
    expect(inTurn({ edited: [], messages: [confirmed, held, reserved] })).to.deep.equal([]);
    expect(inTurn({ edited: [], messages: [confirmed, held] })).to.deep.equal([
      'orders.order-confirmed without inventory.stock-reserved',
    ]);
    expect(inTurn({ edited: [], messages: [confirmed, held, { ...reserved, causationId: 'c' }] })).to.deep.equal([
      'inventory.stock-reserved came of orders.order-confirmed',
    ]);
  });
});

describe('the answers that a load run was given', () => {
  const at = '2026-01-01T00:00:00Z';
  const ok = (idempotencyKey: string, orderId: string): LoggedRequest => ({ at, kind: 'ok', idempotencyKey, orderId });
  const no = (idempotencyKey: string, kind: 'refused' | 'unknown'): LoggedRequest => ({ at, kind, idempotencyKey });
  const faults = (requests: LoggedRequest[], ...stored: [key: string, orderId: string][]) =>
    brokenAnswers(
      requests,
      stored.map(([key, orderId]) => ({ key, orderId })),
      () => true,
    ).map(({ orderId, what }) => `${orderId} ${what}`);

  it('are kept by an order for each key, whatever was unknown or refused before', () => {
    expect(faults([no('a', 'unknown'), ok('a', '1'), ok('a', '1')], ['a', '1'])).to.deep.equal([]);
    expect(faults([no('a', 'unknown')], ['a', '1'])).to.deep.equal([]);
    expect(faults([no('a', 'unknown'), no('b', 'refused')])).to.deep.equal([]);
  });

  it('are broken by an order that is not there, or is another', () => {
    expect(faults([ok('a', '1')])).to.deep.equal(['1 was accepted under key a, and is not there']);
    expect(faults([ok('a', '1'), ok('a', '2')], ['a', '1'])).to.deep.equal([
      '2 was accepted under key a, and is not there',
    ]);
  });

  it('are broken by an order that was refused, or that nobody asked for', () => {
    expect(faults([no('a', 'refused')], ['a', '1'])).to.have.length(1);
    expect(faults([ok('a', '1')], ['a', '1'], ['z', '9'])).to.deep.equal([
      '9 is there under key z, which the run did not ask for',
    ]);
  });
});

describe('the connections of the fleet', () => {
  const NAMES = ['warren web publishing', 'warren relay consuming', 'warren relay publishing'];

  it('are two to the broker for a worker process, one for web, and so many sessions for each', () => {
    const sessions = new Map([
      ['warren web', 2],
      ['warren relay', 2],
      ['warren audit', 9],
    ]);
    expect(leakedConnections(NAMES, sessions, 2)).to.deep.equal([]);
  });

  it('are leaked when there are more', () => {
    expect(leakedConnections([...NAMES, 'warren relay publishing'], new Map(), 2)).to.deep.equal([
      { subject: 'warren relay', what: 'has 1 connections to the broker for consuming and 2 for publishing' },
    ]);
    expect(leakedConnections(NAMES, new Map([['warren web', 3]]), 2)).to.deep.equal([
      { subject: 'warren web', what: 'has 3 PostgreSQL connections where 2 are allowed' },
    ]);
  });
});
