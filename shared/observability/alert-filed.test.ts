import { expect } from 'chai';
import { pino } from 'pino';
import type { DeadLetter } from '../postgres/dead-letters.js';
import { alertFiled } from './alert-filed.js';
import { deadLettersFiled } from './metrics.js';

const LETTER: DeadLetter = {
  actor: 'clerk',
  messageId: 'one',
  type: null,
  correlationId: null,
  body: '{}',
  headers: {},
  road: 'runtime',
  errorCode: 'desk.full',
  errorMessage: 'the desk is full',
  stack: null,
  attempts: 1,
  release: null,
  fingerprint: 'f',
};

describe('a filed dead letter', () => {
  afterEach(() => deadLettersFiled.reset());

  it('is counted by what it says only as long as that is not made up without end', async () => {
    const log = pino({ level: 'silent' });
    for (let n = 0; n < 500; n++) alertFiled(log, { ...LETTER, errorCode: `made-up.${n}` });
    alertFiled(log, { ...LETTER, actor: 'another', errorCode: 'made-up.0' });
    const { values } = await deadLettersFiled.get();
    expect(values).to.have.length.within(3, 202);
    expect(values.reduce((sum, { value }) => sum + value, 0)).to.equal(501);
    expect(values.find(({ labels }) => labels.code === 'other')?.value).to.be.at.least(300);
  });
});
