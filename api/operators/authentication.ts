/** Knows an operator by `Authorization: Bearer <key>` or by the cookie of the console, and lets only those change something whose role it is. */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../../shared/postgres/database.js';
import { ApiKeys } from '../api-key.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { type Operator, operatorByKey } from './operator.js';
import { beginSession, endSession, isCsrfTokenOf, operatorBySession, sessionTokenOf } from './session.js';

const DECORATOR = 'operator';

/** Who asks. */
export function operatorOf(request: Pick<FastifyRequest, 'getDecorator'>): Operator {
  const operator = request.getDecorator<Operator | null>(DECORATOR);
  if (operator === null) throw new TypeError('the route is not behind the check of operators');
  return operator;
}

export interface Session {
  readonly token: string;
  readonly operator: Operator;
}

export class OperatorAuthentication {
  readonly #database: Database;
  readonly #keys: ApiKeys<Operator>;
  readonly #sessions: ApiKeys<Operator>;

  /** @param refused keys that are let in nowhere */
  constructor(database: Database, refused?: readonly string[]) {
    this.#database = database;
    this.#keys = new ApiKeys({ lookUp: (hash) => operatorByKey(database, hash), refused });
    this.#sessions = new ApiKeys({ lookUp: (hash) => operatorBySession(database, hash) });
  }

  /** Lets requests carry who asks; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, null);
  }

  /**
   * A hook that runs before the body is read.
   * @throws {Problem} `request.unauthenticated`, `operator.csrf`, or `operator.forbidden` for a change that a viewer asks for
   */
  readonly check = async (request: FastifyRequest): Promise<void> => {
    // A key that is sent stands, whatever cookie comes with it: only a browser sends a cookie unasked.
    const byKey = request.headers.authorization !== undefined;
    const session = byKey ? undefined : await this.sessionOf(request);
    const operator = byKey ? await this.#keys.ownerOf(request) : session?.operator;
    if (operator === undefined)
      throw new Problem('request.unauthenticated', 'Send Authorization: Bearer with the key of an operator.');
    if (!READS.has(request.method)) {
      if (session !== undefined) mustCarryCsrfToken(request, session);
      mustBeOperator(operator);
    }
    request.setDecorator(DECORATOR, operator);
  };

  /** True for a request with a key, or in a session, that was valid when it was looked up last. */
  knows(request: FastifyRequest): boolean {
    if (request.headers.authorization !== undefined) return this.#keys.knows(request);
    const token = sessionTokenOf(request.headers.cookie);
    return token !== undefined && this.#sessions.knowsKey(token);
  }

  /** A session for whose key it is. @throws {Problem} `request.unauthenticated` */
  async begin(key: string): Promise<Session> {
    const operator = await this.#keys.ownerOfKey(key);
    if (operator === undefined) throw new Problem('request.unauthenticated', 'This is no valid key of an operator.');
    return { token: await beginSession(this.#database, operator.id), operator };
  }

  /** The session that a browser is in; undefined when it is in none. */
  async sessionOf({ headers }: Pick<FastifyRequest, 'headers'>): Promise<Session | undefined> {
    const token = sessionTokenOf(headers.cookie);
    const operator = token === undefined ? undefined : await this.#sessions.ownerOfKey(token);
    return token === undefined || operator === undefined ? undefined : { token, operator };
  }

  /** Other processes of web may remember the session for three seconds. @throws {Problem} `operator.csrf` */
  async end(request: FastifyRequest): Promise<void> {
    const session = await this.sessionOf(request);
    if (session === undefined) return;
    mustCarryCsrfToken(request, session);
    await endSession(this.#database, session.token);
    this.#sessions.forget(session.token);
  }
}

const READS = new Set(['GET', 'HEAD']);

/** Another site can make a browser send the cookie, but not this header. */
function mustCarryCsrfToken({ headers }: FastifyRequest, { token }: Session): void {
  if (isCsrfTokenOf(token, headers['x-csrf-token'])) return;
  throw new Problem('operator.csrf', 'Send x-csrf-token as GET /console/session gives it; load the console again.');
}

function mustBeOperator({ name, role }: Operator): void {
  if (role === 'operator') return;
  throw new Problem(
    'operator.forbidden',
    `${name} is a viewer and changes nothing; ask somebody whose role is operator.`,
  );
}
