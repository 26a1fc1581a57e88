import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { definitionOf } from '../../shared/actors/definition.js';
import { PermanentError, TransientError } from '../../shared/actors/errors.js';
import { Persons } from '../../shared/secrets/persons.js';
import { ActorHarness } from '../../test/support/actor-harness.js';
import { testKeyring } from '../../test/support/keyring.js';
import { lines, ORDER_ID, placed } from '../../test/support/sample-order.js';
import { OrderCancelled, OrderConfirmed } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import { EmailActor } from './email.actor.js';
import { Emails } from './email.state.js';
import { Mailer } from './mailer.js';
import { ResendMail } from './messages.js';

/** With 20 ms, 25 of 3,344 mails came twice in a run with kills. */
const LONGEST_MS = 10;

const orderId = ORDER_ID;
const { customer, total } = placed;
const confirmed: OrderConfirmed = { orderId, customer, lines: placed.lines, total };
const shipped: OrderShipped = { orderId, customer, carrier: 'Parcel', trackingNumber: 'P1', lines };
const cancelled: OrderCancelled = { orderId, reason: 'customer', customer, lines };

describe('email', () => {
  let sent: string[];
  let broken: boolean;
  let email: ActorHarness;
  beforeEach(() => {
    sent = [];
    broken = false;
    const mailer: Mailer = {
      send: async ({ occasion, to }) => {
        if (broken) throw new TransientError('mail.unavailable', 'no answer');
        sent.push(`${occasion} to ${to.email}`);
        return { messageId: `<${occasion}>` };
      },
    };
    const scope = container.createChildContainer().registerInstance<Mailer>(Mailer, mailer);
    email = new ActorHarness(scope.resolve(EmailActor));
  });

  it('is committed soon after it was sent, for a death before that has it sent again', () => {
    expect(definitionOf(EmailActor)?.lingerMs).to.be.at.most(LONGEST_MS);
  });

  it('opens a sealed customer for the mail alone, and files who it was as it came', async () => {
    const { persons, sealedKey } = Persons.begin(testKeyring, orderId);
    const sealed = persons.seal('customer', customer);
    email.givenOrderKey(orderId, sealedKey);
    await email.when(OrderConfirmed, { ...confirmed, customer: sealed });
    expect(sent).to.deep.equal([`confirmed to ${customer.email}`]);
    expect(email.valueOf(Emails, `${orderId}:confirmed`)).to.include({ recipient: sealed.sealed });
  });

  it('is sent to nobody once the customer is erased, which is said for good', async () => {
    const sealed = Persons.begin(testKeyring, orderId).persons.seal('customer', customer);
    const error = await email.when(OrderConfirmed, { ...confirmed, customer: sealed }).catch((thrown) => thrown);
    expect(error).to.be.instanceOf(PermanentError).and.include({ code: 'person.erased' });
    expect(sent).to.deep.equal([]);
  });

  it('is sent once for each occasion, and remembered', async () => {
    for (let round = 0; round < 2; round++) {
      await email.when(OrderConfirmed, confirmed);
      await email.when(OrderShipped, shipped);
      await email.when(OrderCancelled, cancelled);
    }
    const to = customer.email;
    expect(sent).to.deep.equal([`confirmed to ${to}`, `shipped to ${to}`, `cancelled to ${to}`]);
    expect([...email.valuesOf(Emails).keys()]).to.deep.equal([
      `${orderId}:confirmed`,
      `${orderId}:shipped`,
      `${orderId}:cancelled`,
    ]);
    expect(email.valueOf(Emails, `${orderId}:confirmed`)).to.include({ recipient: to, messageId: '<confirmed>' });
  });

  it('is sent again once for each time that somebody asks, with what the first one said', async () => {
    await email.when(OrderShipped, shipped);
    const wish = { orderId, occasion: 'shipped', about: shipped } as const;
    const resendId = '01938f00-0000-7000-8000-0000000000a1';
    const another = '01938f00-0000-7000-8000-0000000000a2';
    for (const id of [resendId, resendId, another]) await email.when(ResendMail, { ...wish, resendId: id });
    expect(sent).to.deep.equal(Array(3).fill(`shipped to ${customer.email}`));
    expect([...email.valuesOf(Emails).keys()]).to.deep.equal([
      `${orderId}:shipped`,
      `${orderId}:shipped:${resendId}`,
      `${orderId}:shipped:${another}`,
    ]);
  });

  it('is sent by a later attempt when the server gave no answer', async () => {
    broken = true;
    await email.when(OrderConfirmed, confirmed).catch(() => undefined);
    expect(email.valuesOf(Emails).size).to.equal(0);
    broken = false;
    await email.when(OrderConfirmed, confirmed);
    expect(sent).to.deep.equal([`confirmed to ${customer.email}`]);
  });
});
