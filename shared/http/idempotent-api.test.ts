import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { failureOf, type Script, type ScriptedHttp, startScriptedHttp } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import { PermanentError, TransientError } from '../actors/errors.js';
import { Provider } from '../providers/provider.js';
import { CircuitOpen, ProviderIll } from '../providers/provider-ill.js';
import { IdempotentApi } from './idempotent-api.js';

const SECRET = 'tok_never_to_be_seen';
const KEY = 'key_never_to_be_seen';

describe('an API with idempotency keys', () => {
  let provider: ScriptedHttp;
  let owner: Provider;
  let api: IdempotentApi;
  let call: { idempotencyKey: string; signal: AbortSignal };
  beforeEach(async () => {
    provider = await startScriptedHttp();
    owner = new Provider({ name: 'payment provider', failures: 2, openMs: 60_000 });
    api = new IdempotentApi({
      name: 'payment',
      url: `${provider.url}/v1/`,
      apiKey: KEY,
      timeoutMs: 100,
      connections: 2,
      provider: owner,
    });
    call = { idempotencyKey: 'order:authorize', signal: new AbortController().signal };
  });
  afterEach(async () => {
    await api.close();
    await provider.close();
  });
  const post = () => api.post('/charges', { token: SECRET }, ['card_declined'], call);

  it('is asked with the key, the credential and the path of its URL', async () => {
    provider.answer([201, { id: 'auth_1' }]);
    expect(await post()).to.deep.equal({ kind: 'done', body: { id: 'auth_1' } });
    const [asked] = provider.asked;
    expect(asked?.line).to.equal('POST /v1/charges');
    expect(asked?.headers).to.include({ authorization: `Bearer ${KEY}`, 'idempotency-key': 'order:authorize' });
    expect(asked?.body).to.deep.equal({ token: SECRET });
  });

  it('refuses definitely only with a code that the caller expects', async () => {
    provider.answer([402, { code: 'card_declined', reason: 'no funds' }], [402, { code: 'card_lost', reason: 'lost' }]);
    expect(await post()).to.deep.equal({ kind: 'refused', code: 'card_declined', reason: 'no funds' });
    expect(await failureOf(post())).to.be.instanceOf(PermanentError);
  });

  const ill: Record<string, Script> = {
    'a server error': [500, { code: 'internal_error' }],
    'a gateway that is down': [502],
    'a key of ours it does not know': [401],
    'too many requests': [429, { code: 'slow_down' }, { 'retry-after': '7' }],
    'a connection that breaks before the answer': (response) => response.destroy(),
    'a connection that breaks in the answer': (response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"id":');
      setImmediate(() => response.destroy());
    },
    'an answer that does not come': () => undefined,
    'an answer too long to be one': [200, { id: 'x'.repeat(1_000_001) }],
  };
  const unclear: Record<string, Script> = {
    'a key in flight': [409, { code: 'idempotency_in_flight' }, { 'retry-after': '7' }],
    'a request that came too slowly': [408],
    'an answer that is no JSON': (response) => response.end('<html>'),
  };
  const unknown = { ...ill, ...unclear };
  for (const [what, script] of Object.entries(unknown)) {
    it(`leaves open what was done after ${what}`, async () => {
      provider.answer(script);
      expect(await failureOf(post()))
        .to.be.instanceOf(TransientError)
        .and.include({ code: 'payment.unavailable' });
    });
  }

  for (const [what, script] of Object.entries(ill)) {
    it(`is left alone after ${what}, twice`, async () => {
      provider.answer(script, script);
      await failureOf(post());
      expect(owner.circuit).to.equal('closed');
      await failureOf(post());
      expect(owner.circuit).to.equal('open');
      expect(await failureOf(post())).to.be.instanceOf(CircuitOpen);
      expect(provider.asked).to.have.length(2);
    });
  }

  const well: Record<string, Script> = {
    'a no': [402, { code: 'card_declined', reason: 'no funds' }],
    'a request it takes for wrong': [400, { code: 'invalid_request' }],
    ...unclear,
  };
  for (const [what, script] of Object.entries(well)) {
    it(`is not taken for ill after ${what}`, async () => {
      provider.answer([500], script, [500]);
      for (let asked = 0; asked < 3; asked++) await post().catch(() => undefined);
      expect(owner.circuit).to.equal('closed');
    });
  }

  it('is asked by no more at once than may', async () => {
    const answers: ServerResponse[] = [];
    const hold = (response: ServerResponse) => void answers.push(response);
    provider.answer(hold, hold, [201, {}]);
    const asking = [post(), post(), post()];
    await until('two are there', () => answers.length === 2);
    expect(provider.asked).to.have.length(2);
    for (const answer of answers) answer.writeHead(201).end('{}');
    expect((await Promise.all(asking)).map(({ kind }) => kind)).to.deep.equal(['done', 'done', 'done']);
  });

  it('says when it wants to be asked again', async () => {
    provider.answer([429, {}, { 'retry-after': '7' }], [201, {}], [503, {}, { 'retry-after': 'soon' }]);
    expect(await failureOf(post())).to.include({ retryAfterMs: 7_000 });
    await post();
    expect(await failureOf(post())).to.include({ retryAfterMs: undefined });
  });

  it('is not waited for once the process stops, and not taken for ill', async () => {
    const controller = new AbortController();
    provider.answer(() => controller.abort());
    call.signal = controller.signal;
    expect(await failureOf(post()))
      .to.be.instanceOf(TransientError)
      .and.not.instanceOf(ProviderIll);
  });

  it('stops the retries when it takes the request for wrong', async () => {
    provider.answer([400, { code: 'invalid_request', reason: `no such token ${SECRET}` }], [403]);
    expect(await failureOf(post()))
      .to.be.instanceOf(PermanentError)
      .and.include({ code: 'payment.rejected' });
    expect(await failureOf(post())).to.be.instanceOf(PermanentError);
  });

  it('never shows in an error what was sent', async () => {
    const scripts: Script[] = [
      ...Object.values(unknown),
      [400, { code: `no ${SECRET}`, reason: `no such token ${SECRET}` }],
      [402, { code: 'other', reason: SECRET, token: SECRET }],
      [201, undefined],
    ];
    for (const script of scripts) {
      // One that is well in between keeps the circuit closed.
      provider.answer(script, [201, {}]);
      const shown = inspect(await failureOf(post()), { depth: 20, showHidden: true });
      expect(shown).not.to.include(SECRET).and.not.to.include(KEY);
      await post();
    }
  });
});
