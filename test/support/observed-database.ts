/** A database whose statements a test looks at before they are sent, within transactions and outside of them. */
import { Database, type Rows, type Statement } from '../../shared/postgres/database.js';

export abstract class ObservedDatabase extends Database {
  /** The statement is sent once this resolves, and fails as this does. */
  protected abstract look(statement: Statement): Promise<void>;

  override async query<R extends object>(statement: Statement): Promise<Rows<R>> {
    await this.look(statement);
    return super.query<R>(statement);
  }

  override transaction<T>(...[work, ...rest]: Parameters<typeof Database.prototype.transaction<T>>): Promise<T> {
    return super.transaction(
      async (transaction) => {
        const behind: Promise<unknown>[] = [];
        const result = await work({
          query: async (statement) => {
            await this.look(statement);
            return transaction.query(statement);
          },
          // What is looked at first is not sent at once, so the commit waits here.
          commitBehind: (statements) => void behind.push(statements),
        });
        await Promise.all(behind);
        return result;
      },
      ...rest,
    );
  }
}
