import { expect } from 'chai';
import { type Role, revokeOperator } from '../../api/operators/operator.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { ServerSentEvents } from '../support/server-sent-events.js';
import { until } from '../support/until.js';

describe('a session at the console', () => {
  const web = intakePerTest();

  interface Browser {
    readonly cookie: string;
    readonly csrfToken: string;
  }
  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ): Promise<Response> =>
    fetch(`${web.intake.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const signedIn = async (role: Role = 'operator'): Promise<Browser> => {
    const response = await send('POST', '/console/session', {}, { key: await web.operatorKey(role) });
    const { csrfToken } = (await response.json()) as Browser;
    return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '', csrfToken };
  };
  const cancelPath = '/operator/orders/0199fdae-bab7-75aa-9b14-fc707aeff401/cancel';
  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;

  it('begins with a key and is kept in a cookie that no script reads and no other site sends', async () => {
    const response = await send('POST', '/console/session', {}, { key: await web.operatorKey('viewer') });
    expect(await response.json()).to.deep.include({ operator: { name: 'ada', role: 'viewer' } });
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).to.match(/^warren_session=[\w-]{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/);
    const { rows } = await web.database.query<{ row: string }>({
      text: 'select operator_sessions::text as row from operator_sessions',
    });
    expect(rows).to.have.length(1);
    expect(rows[0]?.row).not.to.include(cookie.slice('warren_session='.length, 40));
  });

  it('begins with no key but an operator’s, and not with a body that another site could send', async () => {
    expect((await send('POST', '/console/session', {}, { key: web.intake.key })).status).to.equal(401);
    const form = await fetch(`${web.intake.url}/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ key: await web.operatorKey('operator') }),
    });
    expect(form.status).to.equal(415);
    expect(form.headers.get('set-cookie')).to.equal(null);
  });

  it('opens the operator’s routes; a change needs its CSRF token too, and the role', async () => {
    const { cookie, csrfToken } = await signedIn();
    expect((await send('GET', '/operator/me', { cookie })).status).to.equal(200);
    for (const headers of [
      { cookie },
      { cookie, 'x-csrf-token': csrfToken.slice(1) },
      { cookie, 'x-csrf-token': '' },
    ]) {
      const refused = await send('POST', cancelPath, headers, { reason: 'it is asked' });
      expect([refused.status, await codeOf(refused)]).to.deep.equal([403, 'operator.csrf']);
    }
    const carried = await send('POST', cancelPath, { cookie, 'x-csrf-token': csrfToken }, { reason: 'it is asked' });
    expect(await codeOf(carried)).to.equal('order.not-found');
    await revokeOperator(web.database, 'ada');
    const viewer = await signedIn('viewer');
    const headers = { cookie: viewer.cookie, 'x-csrf-token': viewer.csrfToken };
    const forbidden = await send('POST', cancelPath, headers, { reason: 'it is asked' });
    expect(await codeOf(forbidden)).to.equal('operator.forbidden');
  });

  it('is over at once when its operator signs out, which another site cannot do to them', async () => {
    const { cookie, csrfToken } = await signedIn();
    const csrf = await send('DELETE', '/console/session', { cookie });
    expect(await codeOf(csrf)).to.equal('operator.csrf');
    const out = await send('DELETE', '/console/session', { cookie, 'x-csrf-token': csrfToken });
    expect(out.headers.get('set-cookie')).to.match(/^warren_session=; Path=\/; Max-Age=0;/);
    expect((await send('GET', '/operator/me', { cookie })).status).to.equal(401);
    expect(await (await send('GET', '/console/session', { cookie })).json()).to.include({
      operator: null,
      csrfToken: '',
    });
  });

  it('is over when the key is revoked, and when its time has come', async () => {
    const { cookie } = await signedIn();
    await revokeOperator(web.database, 'ada');
    await until('the session is refused', async () => (await send('GET', '/operator/me', { cookie })).status === 401);
    const later = await signedIn();
    await web.database.query({ text: 'update operator_sessions set expires_at = now()' });
    expect((await send('GET', '/operator/me', { cookie: later.cookie })).status).to.equal(401);
    await revokeOperator(web.database, 'ada');
    await signedIn();
    const { rows } = await web.database.query({ text: 'select 1 from operator_sessions' });
    expect(rows).to.have.length(1);
  });

  it('is told how the fleet is as it goes on, by one look for all who listen', async () => {
    const { cookie } = await signedIn('viewer');
    expect((await send('GET', '/operator/status/events')).status).to.equal(401);
    const streams = await Promise.all(
      [1, 2].map(async () => new ServerSentEvents(await send('GET', '/operator/status/events', { cookie }))),
    );
    const [first, same] = await Promise.all(streams.map((stream) => stream.next('status')));
    expect(first?.data).to.have.nested.property('pace.placedPerMinute', 0);
    expect(same?.data).to.deep.equal(first?.data);
    const second = await streams[0]?.next('status');
    expect(second?.data['at']).not.to.equal(first?.data['at']);
    await Promise.all(streams.map((stream) => stream.close()));
  });

  it('is shown on a page that lets nothing in from elsewhere, and no file is served but those of the console', async () => {
    const page = await send('GET', '/console');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.to.include("frame-ancestors 'none'");
    expect(policy).not.to.match(/unsafe|https?:|\*/);
    const html = await page.text();
    const files = [...html.matchAll(/"(\/console\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files).to.include.members(['/console/browser/main.js', '/console/packages/preact.js']);
    for (const file of files) {
      const response = await send('GET', file);
      expect([file, response.status, response.headers.get('x-content-type-options')]).to.deep.equal([
        file,
        200,
        'nosniff',
      ]);
      const etag = response.headers.get('etag') ?? '';
      expect((await send('GET', file, { 'if-none-match': etag })).status).to.equal(304);
    }
    for (const path of [
      'browser/../page.js',
      'browser/%2e%2e/page.js',
      'browser/..%2fpage.js',
      'page.js',
      'browser/words.test.js',
      'package.json',
    ])
      expect((await send('GET', `/console/${path}`)).status, path).to.equal(404);
  });
});
