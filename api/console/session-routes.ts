/** `GET`, `POST` and `DELETE /console/session`: who is signed in at the console, signing in with a key, and out. */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import { oneLine } from '../one-line-text.js';
import type { OperatorAuthentication, Session } from '../operators/authentication.js';
import { csrfTokenOf, noSessionCookie, sessionCookie } from '../operators/session.js';
import type { App } from '../type-provider.js';

export const SessionView = Type.Object({
  /** Null when nobody is signed in. */
  operator: Type.Union([Type.Null(), Type.Object({ name: Type.String(), role: Type.String() })]),
  /** What every change has to carry as `x-csrf-token`; empty when nobody is signed in. */
  csrfToken: Type.String(),
  /** The sandbox is there, and the keys that everybody knows. */
  development: Type.Boolean(),
});
export type SessionView = Static<typeof SessionView>;

const SignIn = Type.Object({ key: oneLine(255) }, { additionalProperties: false });
const answer = { 200: SessionView };
const hidden = "it is the console's own, and no part of the API";

/** @param development lets a browser keep its session over plain HTTP */
export function sessionRoutes(app: App, operators: OperatorAuthentication, development: boolean): void {
  const viewOf = (session: Session | undefined): SessionView => ({
    operator: session === undefined ? null : { name: session.operator.name, role: session.operator.role },
    csrfToken: session === undefined ? '' : csrfTokenOf(session.token),
    development,
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  app.get('/console/session', { schema: { hidden, response: answer } }, async (request) =>
    viewOf(await operators.sessionOf(request)),
  );
  // A body of JSON is what another site cannot send unasked, so nobody is signed in behind their back.
  app.post('/console/session', { schema: { hidden, body: SignIn, response: answer } }, async (request, reply) => {
    const session = await operators.begin(request.body.key);
    reply.header('set-cookie', sessionCookie(session.token, !development));
    return viewOf(session);
  });
  app.delete('/console/session', { schema: { hidden, response: answer } }, async (request, reply) => {
    await operators.end(request);
    reply.header('set-cookie', noSessionCookie(!development));
    return viewOf(undefined);
  });
}
