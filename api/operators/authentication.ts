/** Knows an operator by `Authorization: Bearer <key>`, and lets only those change something whose role it is. */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../../shared/postgres/database.js';
import { ApiKeys } from '../api-key.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { type Operator, operatorByKey } from './operator.js';

const DECORATOR = 'operator';

/** Who asks. */
export function operatorOf(request: Pick<FastifyRequest, 'getDecorator'>): Operator {
  const operator = request.getDecorator<Operator | null>(DECORATOR);
  if (operator === null) throw new TypeError('the route is not behind the check of operators');
  return operator;
}

export class OperatorAuthentication {
  readonly #keys: ApiKeys<Operator>;

  /** @param refused keys that are let in nowhere */
  constructor(database: Database, refused?: readonly string[]) {
    this.#keys = new ApiKeys({ lookUp: (hash) => operatorByKey(database, hash), refused });
  }

  /** Lets requests carry who asks; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, null);
  }

  /**
   * A hook that runs before the body is read.
   * @throws {Problem} `request.unauthenticated`, or `operator.forbidden` for a change that a viewer asks for
   */
  readonly check = async (request: FastifyRequest): Promise<void> => {
    const operator = await this.#keys.ownerOf(request);
    if (operator === undefined)
      throw new Problem('request.unauthenticated', 'Send Authorization: Bearer with the key of an operator.');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && operator.role !== 'operator') {
      throw new Problem(
        'operator.forbidden',
        `${operator.name} is a viewer and changes nothing; ask somebody whose role is operator.`,
      );
    }
    request.setDecorator(DECORATOR, operator);
  };
}
