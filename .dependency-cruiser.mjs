/** Who may import whom (docs/architecture.md). test/architecture plants a violation of each rule and sees it caught. */
import swc from '@swc/core';

// dependency-cruiser 17 parses every file without JSX, and gives up at the first element.
const { parseFileSync } = swc;
swc.parseFileSync = (path, options) => parseFileSync(path, { ...options, tsx: path.endsWith('.tsx') });

/** Tests may look behind any door. */
const TESTS = ['^test/', '[.]test[.]tsx?$'];
/** Everything of the project. */
const PROJECT = '^(api|audit|config|migrations|sandbox|scripts|shared|test|workers)/';

/**
 * A package is for one folder, which gives the rest of the project something better than the package.
 * @param {string} name of the package
 * @param {string} folder
 * @param {readonly string[]} also other folders that may have it
 */
function only(name, folder, also = []) {
  return {
    name: `only-${folder.replaceAll('/', '-')}-imports-${name}`,
    severity: 'error',
    from: { pathNot: [`^${folder}/`, ...also, ...TESTS] },
    to: { path: `^node_modules/${name}/` },
  };
}

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-imports-only-shared-and-config',
      severity: 'error',
      from: { path: '^shared/', pathNot: TESTS },
      to: { path: PROJECT, pathNot: '^(shared|config)/' },
    },
    {
      name: 'messaging-imports-nothing-of-the-project',
      severity: 'error',
      from: { path: '^shared/messaging/', pathNot: TESTS },
      to: { path: PROJECT, pathNot: '^shared/messaging/' },
    },
    {
      name: 'a-worker-enters-another-by-its-messages-only',
      severity: 'error',
      from: { path: '^workers/([^/]+)/', pathNot: TESTS },
      to: { path: '^workers/', pathNot: ['^workers/$1/', '^workers/[^/]+/messages[.]ts$'] },
    },
    {
      name: 'workers-import-only-workers-shared-and-config',
      severity: 'error',
      from: { path: '^workers/', pathNot: TESTS },
      // The scheduler audits; a rule below keeps the others from it.
      to: { path: PROJECT, pathNot: '^(workers|shared|config|audit)/' },
    },
    {
      // It holds an order's log against the saga, and asks the registry who is bound to what.
      name: 'the-audit-enters-a-worker-by-its-messages-and-the-saga-only',
      severity: 'error',
      from: { path: '^audit/', pathNot: TESTS },
      to: {
        path: PROJECT,
        pathNot: [
          '^(audit|shared|config)/',
          '^workers/[^/]+/messages[.]ts$',
          '^workers/registry[.]ts$',
          '^workers/orders/order[.]saga[.]ts$',
        ],
      },
    },
    {
      // It takes its time and reads everything: no part of an order's way leans on it.
      name: 'only-commands-and-the-scheduler-audit',
      severity: 'error',
      from: { pathNot: ['^(audit|scripts)/', '^workers/scheduler/', ...TESTS] },
      to: { path: '^audit/' },
    },
    {
      // It asks the registry who is bound to what, when an operator does.
      name: 'api-imports-only-shared-config-and-messages',
      severity: 'error',
      from: { path: '^api/', pathNot: TESTS },
      to: {
        path: PROJECT,
        pathNot: ['^(api|shared|config)/', '^workers/[^/]+/messages[.]ts$', '^workers/registry[.]ts$'],
      },
    },
    {
      // It runs in the browser, where there is nothing of the server but the types of what it answers.
      name: 'the-console-knows-the-server-by-its-answers-only',
      severity: 'error',
      from: { path: '^api/console/browser/', pathNot: ['^api/console/browser/answers[.]ts$', ...TESTS] },
      to: { path: PROJECT, pathNot: '^api/console/browser/' },
    },
    {
      name: 'the-server-imports-nothing-of-the-console',
      severity: 'error',
      from: { pathNot: ['^api/console/browser/', ...TESTS] },
      to: { path: '^api/console/browser/' },
    },
    {
      name: 'scripts-enter-a-worker-by-its-messages-only',
      severity: 'error',
      from: { path: '^scripts/', pathNot: TESTS },
      to: { path: '^workers/[^/]+/', pathNot: '^workers/[^/]+/messages[.]ts$' },
    },
    {
      name: 'config-imports-nothing-of-the-project',
      severity: 'error',
      from: { path: '^config/', pathNot: TESTS },
      to: { path: PROJECT, pathNot: '^config/' },
    },
    {
      name: 'migrations-import-nothing-but-shared',
      severity: 'error',
      from: { path: '^migrations/', pathNot: TESTS },
      to: { path: PROJECT, pathNot: '^(migrations|shared)/' },
    },
    {
      name: 'the-sandbox-imports-nothing-of-the-project',
      severity: 'error',
      from: { path: '^sandbox/', pathNot: TESTS },
      to: { path: PROJECT, pathNot: '^(sandbox|config)/' },
    },
    {
      name: 'only-tests-import-tests',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'the-product-imports-no-development-dependency',
      severity: 'error',
      from: { path: '^(api|audit|config|migrations|shared|workers)/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      // A checker that does not find the files it should judge finds no fault with them either.
      name: 'every-import-is-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    only('amqplib', 'shared/rabbitmq'),
    only('amqp-connection-manager', 'shared/rabbitmq'),
    only('pg', 'shared/postgres'),
    // A migration is written to knex's types. (The parser does not tell an import of types from another.)
    only('knex', 'shared/postgres', ['^migrations/', '^workers/[^/]+/migrations/']),
    only('ioredis', 'shared/redis'),
    only('bullmq', 'shared/redis'),
    only('cockatiel', 'shared/providers'),
    only('typebox', 'shared/messaging'),
    only('@opentelemetry', 'shared/observability'),
    only('preact', 'api/console/browser'),
    only('uplot', 'api/console/browser'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: '^node_modules/' },
    // The bench's peers are packages of their own, installed only by who compares with them.
    exclude: { path: '^(dist|[.]local|test/bench/peers)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
