/** An intake for each test of a suite, on a database of the suite's own that is empty when the test begins. */
import { createOperator, type Role } from '../../api/operators/operator.js';
import type { Database } from '../../shared/postgres/database.js';
import { createDatabase, type TestDatabase } from './database.js';
import { emptyTables } from './empty-tables.js';
import { type IntakeOptions, TestIntake } from './intake.js';

export interface IntakePerTest {
  /** For looking at what the intake has done. */
  readonly database: Database;
  readonly intake: TestIntake;
  /** The key of a new operator. */
  operatorKey(role: Role, name?: string): Promise<string>;
}

/**
 * To be called in `describe`; what it returns is there within the tests.
 * @param optionsOf called before each test
 */
export function intakePerTest(
  optionsOf: (databaseUrl: string) => Omit<IntakeOptions, 'databaseUrl'> = () => ({}),
): IntakePerTest {
  let store: TestDatabase;
  let intake: TestIntake;
  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
    intake = await TestIntake.start({ databaseUrl: store.url, ...optionsOf(store.url) });
  });
  afterEach(() => intake.close());
  return {
    get database() {
      return store.database;
    },
    get intake() {
      return intake;
    },
    operatorKey: async (role, name = 'ada') => {
      const made = await createOperator(store.database, { name, role });
      if (made === undefined) throw new Error(`there is an operator ${name} already`);
      return made.key;
    },
  };
}
