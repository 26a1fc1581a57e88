import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const ROOT = process.cwd();
const CONFIGURATION = join(ROOT, '.dependency-cruiser.mjs');
const CHECKER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

/** One violation of each rule: the files that commit it, by path. Every other file they need is there, and innocent. */
const VIOLATIONS: Record<string, Record<string, string>> = {
  'no-cycles': {
    'shared/actors/a.ts': "import './b.js';",
    'shared/actors/b.ts': "import './a.js';",
  },
  'shared-imports-only-shared-and-config': { 'shared/actors/a.ts': "import '../../workers/orders/messages.js';" },
  'messaging-imports-nothing-of-the-project': { 'shared/messaging/a.ts': "import '../actors/innocent.js';" },
  'a-worker-enters-another-by-its-messages-only': {
    'workers/payment/a.ts': "import { Innocent } from '../orders/innocent.js'; export type Of = Innocent;",
  },
  'workers-import-only-workers-shared-and-config': { 'workers/payment/a.ts': "import '../../api/innocent.js';" },
  'the-audit-enters-a-worker-by-its-messages-and-the-saga-only': {
    'audit/a.ts': "import '../workers/orders/innocent.js';",
  },
  'only-commands-and-the-scheduler-audit': { 'workers/payment/a.ts': "import '../../audit/innocent.js';" },
  'api-imports-only-shared-config-and-messages': { 'api/a.ts': "import '../workers/orders/innocent.js';" },
  'scripts-enter-a-worker-by-its-messages-only': { 'scripts/a.ts': "import '../workers/orders/innocent.js';" },
  'config-imports-nothing-of-the-project': { 'config/a.ts': "import '../shared/actors/innocent.js';" },
  'migrations-import-nothing-but-shared': { 'migrations/a.ts': "import '../workers/orders/messages.js';" },
  'the-sandbox-imports-nothing-of-the-project': { 'sandbox/a.ts': "import '../shared/actors/innocent.js';" },
  'only-tests-import-tests': { 'api/a.ts': "import '../test/support/innocent.js';" },
  'the-product-imports-no-development-dependency': { 'api/a.ts': "import 'chai';" },
  'every-import-is-found': { 'api/a.ts': "import './nowhere.js';" },
  'only-shared-rabbitmq-imports-amqplib': { 'shared/actors/a.ts': "import 'amqplib';" },
  'only-shared-rabbitmq-imports-amqp-connection-manager': { 'api/a.ts': "import 'amqp-connection-manager';" },
  'only-shared-postgres-imports-pg': {
    'shared/actors/a.ts': "import type { Client } from 'pg'; export type C = Client;",
  },
  'only-shared-postgres-imports-knex': { 'workers/orders/a.ts': "import 'knex';" },
  'only-shared-redis-imports-ioredis': { 'shared/actors/a.ts': "import 'ioredis';" },
  'only-shared-redis-imports-bullmq': { 'workers/orders/a.ts': "import 'bullmq';" },
  'only-shared-providers-imports-cockatiel': { 'workers/payment/a.ts': "import 'cockatiel';" },
  'only-shared-messaging-imports-typebox': { 'api/a.ts': "import 'typebox';" },
  'the-console-knows-the-server-by-its-answers-only': {
    'api/console/browser/a.tsx': "import type { Api } from '../../innocent.js'; export type X = Api;",
  },
  'the-server-imports-nothing-of-the-console': { 'api/a.ts': "import './console/browser/innocent.js';" },
  'only-api-console-browser-imports-preact': { 'api/a.ts': "import 'preact';" },
  'only-api-console-browser-imports-uplot': { 'shared/actors/a.ts': "import 'uplot';" },
  'only-shared-observability-imports-@opentelemetry': { 'shared/actors/a.ts': "import '@opentelemetry/api';" },
};

const PACKAGES = [
  'amqplib',
  'amqp-connection-manager',
  'pg',
  'knex',
  'ioredis',
  'bullmq',
  'cockatiel',
  'typebox',
  'preact',
  'uplot',
  '@opentelemetry/api',
];

/** What is allowed, next to which each violation is planted. */
const INNOCENT: Record<string, string> = {
  'package.json': JSON.stringify({
    type: 'module',
    dependencies: Object.fromEntries(PACKAGES.map((name) => [name, '*'])),
    devDependencies: { chai: '*' },
  }),
  ...Object.fromEntries([...PACKAGES, 'chai'].map((name) => [`node_modules/${name}/index.js`, 'export {};'])),
  'config/innocent.ts': 'export {};',
  'shared/actors/innocent.ts': "import '../messaging/innocent.js'; import '../../config/innocent.js';",
  'shared/messaging/innocent.ts': 'export {};',
  'shared/rabbitmq/innocent.ts': "import 'amqplib'; import 'amqp-connection-manager';",
  'shared/postgres/innocent.ts': "import 'pg'; import 'knex';",
  'shared/redis/innocent.ts': "import 'ioredis'; import 'bullmq';",
  'shared/providers/innocent.ts': "import 'cockatiel';",
  'shared/observability/innocent.ts': "import '@opentelemetry/api';",
  'workers/registry.ts': "import './orders/innocent.js';",
  'workers/orders/messages.ts': "import '../../shared/messaging/innocent.js';",
  'workers/orders/innocent.ts': "import '../payment/messages.js'; export type Innocent = string;",
  'workers/orders/innocent.test.ts': "import '../../test/support/innocent.js'; import 'chai'; import './innocent.js';",
  'workers/payment/messages.ts': 'export {};',
  'workers/orders/order.saga.ts': "import './messages.js';",
  'workers/scheduler/innocent.ts': "import '../../audit/innocent.js';",
  'audit/innocent.ts': "import '../workers/orders/messages.js'; import '../workers/orders/order.saga.js';",
  'api/innocent.ts':
    "import '../workers/orders/messages.js'; import '../shared/actors/innocent.js'; export type Api = string;",
  'api/console/browser/innocent.tsx':
    "import type { A } from './answers.js'; import 'preact'; import 'uplot'; export const a = (_: A) => <p class=\"a\" />;",
  'api/console/browser/answers.ts': "import type { Api } from '../../innocent.js'; export type A = Api;",
  'scripts/innocent.ts': "import '../workers/registry.js'; import '../api/innocent.js';",
  'migrations/innocent.ts': "import type { Knex } from 'knex'; export type K = Knex;",
  'sandbox/innocent.ts': 'export {};',
  'test/support/innocent.ts':
    "import 'pg'; import '../../workers/orders/innocent.js'; import '../../sandbox/innocent.js';",
};

interface Verdict {
  readonly modules: readonly string[];
  readonly broken: readonly { readonly rule: string; readonly from: string }[];
}

describe('the checker of imports', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-architecture-'));
    await plant(INNOCENT);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds no fault with what is allowed, and has read all of it', async () => {
    const { modules, broken } = await judge(folder);
    expect(broken).to.deep.equal([]);
    expect(modules).to.include.members(Object.keys(INNOCENT).filter((path) => /\.tsx?$/.test(path)));
  });

  it('catches a violation of each of its rules, where it is', async () => {
    // All in one project, as reading one takes the checker a second.
    const planted = Object.entries(VIOLATIONS).map(([rule, files], at) => ({ rule, files: numbered(files, at) }));
    for (const { files } of planted) await plant(files);
    const { broken } = await judge(folder);
    const caught = (rule: string, files: Record<string, string>): boolean =>
      broken.some((violation) => violation.rule === rule && violation.from in files);
    expect(planted.filter(({ rule, files }) => !caught(rule, files)).map(({ rule }) => rule)).to.deep.equal([]);
  });

  it('has a violation here for each of its rules', async () => {
    const { default: configuration }: { default: { forbidden: { name: string }[] } } = await import(CONFIGURATION);
    expect(Object.keys(VIOLATIONS)).to.have.members(configuration.forbidden.map(({ name }) => name));
  });

  async function plant(files: Record<string, string>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), `${text}\n`);
    }
  }
});

/** The files `a` and `b` of a violation under names that no other violation has. */
function numbered(files: Record<string, string>, at: number): Record<string, string> {
  const named = (text: string): string => text.replace(/\b([ab])(?=\.(js|tsx?)\b)/g, `$1${at}`);
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [named(path), named(text)]));
}

describe('the project', () => {
  it('is read whole by the checker of imports, which finds every module it should', async () => {
    const { modules } = await judge(ROOT);
    const ours = modules.filter((path) => !path.startsWith('node_modules/') && path.endsWith('.ts'));
    expect(ours.length).to.be.greaterThan(150);
    expect(ours).to.include.members(['workers/start.ts', 'api/start.ts', 'shared/messaging/contract.ts']);
  });
});

function judge(folder: string): Promise<Verdict> {
  const folders = ['api', 'audit', 'config', 'migrations', 'sandbox', 'scripts', 'shared', 'test', 'workers'];
  const args = [CHECKER, '--config', CONFIGURATION, '--output-type', 'json', ...folders];
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 64 * 2 ** 20 };
    // It exits with the number of violations; only an answer that is no JSON is a failure of its own.
    execFile(process.execPath, args, options, (_error, printed, complaints) => {
      try {
        const report: {
          modules: { source: string }[];
          summary: { violations: { rule: { name: string }; from: string }[] };
        } = JSON.parse(printed);
        resolve({
          modules: report.modules.map(({ source }) => source),
          broken: report.summary.violations.map(({ rule, from }) => ({ rule: rule.name, from })),
        });
      } catch {
        reject(new Error(`the checker failed: ${complaints}`));
      }
    });
  });
}
