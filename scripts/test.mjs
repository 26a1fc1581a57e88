import './terminal/node-version.mjs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareProgram } from './build/prepare.mjs';
import { runMocha } from './checks/mocha.mjs';
import { runStaticCheck, staticChecks } from './checks/static-checks.mjs';
import { provideBrowser } from './provision/browser.mjs';
import { tryLock } from './provision/lock.mjs';
import { provideServers, stopServers, wipeServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { describeFailure, Failure } from './terminal/failure.mjs';
import { describeOptions, parseOptions, unknown } from './terminal/options.mjs';
import { Progress } from './terminal/progress.mjs';
import { untilStopped } from './terminal/stop-signals.mjs';

/** Every check and every test, from a fresh clone, on servers of its own. The last line adds them up. */

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
/** Apart from those of `npm start`, so that both run side by side. */
const HOME = join(ROOT, '.local', 'test');
const STARTED_BY = 'test';
const SUITES = ['checks', 'unit', 'integration'];
const UNIT_FOLDERS = ['api', 'audit', 'config', 'sandbox', 'scripts', 'shared', 'workers'];
/**
 * They mostly wait, for processes or servers of their own or for time to pass: so they run beside the rest, in two rows. Which row is
 * for all three to take about as long.
 */
const BESIDE = [
  [
    'dist/test/browser/**/*.test.js',
    'dist/test/integration/api-fleet-rates.test.js',
    'dist/test/integration/crash-isolation.test.js',
    'dist/test/integration/load.test.js',
    'dist/test/integration/provider-outage.test.js',
    'dist/test/integration/topology.test.js',
    'dist/test/integration/topology-migration.test.js',
    'dist/test/integration/warren.test.js',
    'dist/test/simulation/**/*.test.js',
    'test/provisioning/servers/*.test.mjs',
  ],
  [
    'dist/test/certify/**/*.test.js',
    'dist/test/integration/audit.test.js',
    'dist/test/integration/container-image.test.js',
    'dist/test/integration/events-moved.test.js',
    'dist/test/integration/least-privilege.test.js',
    'dist/test/integration/migrations.test.js',
    'dist/test/integration/replay-catches-up.test.js',
    'dist/test/integration/tls.test.js',
  ],
];
/** What must not leak from the developer's environment into a test. */
const NOT_INHERITED =
  /^(DATABASE_URL|RABBITMQ_.*|CLOUDAMQP_URL|AMQP_URL|REDIS.*_URL|PORT|HOST|HEALTH_PORT|.*_PREFETCH|.*_CONCURRENCY)$/;

const OPTIONS = /** @type {const} */ ({
  only: { kind: 'value', value: SUITES.join('|'), help: 'only these; may be given several times' },
  grep: { kind: 'value', value: 'WORDS', help: 'only tests whose title matches' },
  help: { kind: 'flag', help: 'this text' },
});

const progress = new Progress();
const stop = untilStopped();
const total = { passed: 0, failed: 0 };
/** What to repeat at the end, where whoever looks at a long output looks first. @type {string[]} */
const failures = [];
let testsRun = 0;
stop.onSecond(() => process.exit(130));

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\n${describeFailure(error)}\n`);
  process.exitCode = 1;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { flags, values } = parseOptions(args, OPTIONS);
  if (flags.has('help')) {
    process.stdout.write(`npm test -- [options]\n\nRuns every check and test.\n\n${describeOptions(OPTIONS)}\n`);
    return;
  }
  for (const suite of values.only ?? []) if (!SUITES.includes(suite)) throw unknown('suite', suite, SUITES);
  const suites = new Set(values.only ?? SUITES);
  const lock = tryLock(join(HOME, 'test.lock'));
  if ('holder' in lock) {
    throw new Failure(`npm test is already running in this folder, as process ${lock.holder}`, {
      remedy: 'wait until it has ended',
    });
  }
  try {
    await run(suites, values.grep?.at(-1));
  } catch (error) {
    total.failed++;
    progress.say(describeFailure(error));
  } finally {
    await stopServers(servers, { home: HOME, startedBy: STARTED_BY });
    lock.release();
  }
  if (stop.signal.aborted) total.failed++;
  if (testsRun === 0 && (suites.has('unit') || suites.has('integration'))) {
    total.failed++;
    progress.say('✗ No test ran.');
  }
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
  if (failures.length > 0) progress.say(`\nWhat failed:\n\n${failures.join('\n').trimEnd()}`);
  progress.say(`\n${total.passed} passed, ${total.failed} failed`);
}

/**
 * @param {Set<string>} suites
 * @param {string | undefined} grep
 */
async function run(suites, grep) {
  const { signal } = stop;
  const needServers = suites.has('integration');
  /** @type {Promise<Record<string, string> | undefined>} */
  const serversReady = needServers ? startServers() : Promise.resolve({});
  const compiled = await check('dependencies and compilation (npm ci, tsc)', () =>
    prepareProgram(ROOT, { progress, all: true, signal }),
  );
  if (compiled && suites.has('checks')) {
    for (const one of staticChecks(ROOT)) await check(one.title, () => runStaticCheck(ROOT, one, signal));
  }
  if (compiled && suites.has('unit')) {
    await tests(
      'Unit tests',
      [...UNIT_FOLDERS.map((folder) => `dist/${folder}/**/*.test.js`), 'test/provisioning/*.test.mjs'],
      grep,
      {},
    );
  }
  const urls = await serversReady;
  if (urls && needServers) await check('providing a browser', () => useBrowser(urls));
  if (compiled && urls && needServers) {
    await Promise.all([
      tests('Integration tests', ['dist/test/**/*.test.js'], grep, urls, { except: BESIDE.flat() }),
      ...BESIDE.map((row, index) => {
        const own = { ...urls, REDIS_URL: redisOf(urls, index + 1) };
        return tests(`Integration tests beside them, row ${index + 1}`, row, grep, own, { atTheEnd: true });
      }),
    ]);
  }
}

/**
 * A database of Redis for itself: the clocks of two fleets that share one take each other's alarms.
 * @param {Record<string, string>} urls
 * @param {number} database
 */
function redisOf(urls, database) {
  const url = new URL(urls.REDIS_URL ?? '');
  url.pathname = `/${database}`;
  return url.href;
}

/** @returns {Promise<Record<string, string> | undefined>} */
async function startServers() {
  /** @type {Record<string, string> | undefined} */
  let urls;
  await check('providing PostgreSQL, RabbitMQ, Redis', async () => {
    /** @param {string} line */
    const say = (line) => progress.say(line);
    // Left by a run that was killed; the databases and queues of its tests would only be in the way.
    await stopServers(servers, { home: HOME, startedBy: STARTED_BY });
    wipeServers(servers, HOME);
    const provided = await provideServers(servers, { home: HOME, startedBy: STARTED_BY, signal: stop.signal, say });
    urls = Object.assign({}, ...provided.map((server) => server.urls));
  });
  return urls;
}

/**
 * Without one only the tests that need it fail.
 * @param {Record<string, string>} urls the tests are told where it is with those
 */
async function useBrowser(urls) {
  /** @param {string} line */
  const say = (line) => progress.say(line);
  urls.WARREN_TEST_BROWSER = await provideBrowser({ signal: stop.signal, say });
}

/**
 * Counts a check as passed or failed; a failure is shown, and the rest goes on.
 * @param {string} title
 * @param {() => Promise<unknown>} act
 */
async function check(title, act) {
  if (stop.signal.aborted) return false;
  try {
    await progress.step(title, act);
    total.passed++;
    return true;
  } catch (error) {
    total.failed++;
    failures.push(`✗ ${title}`);
    progress.say(describeFailure(error));
    return false;
  }
}

/**
 * @param {string} title
 * @param {readonly string[]} specs
 * @param {string | undefined} grep
 * @param {Record<string, string>} urls
 * @param {{ except?: readonly string[], atTheEnd?: boolean }} [how] `atTheEnd` shows nothing until they have ended
 */
async function tests(title, specs, grep, urls, { except = [], atTheEnd = false } = {}) {
  if (stop.signal.aborted) return;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)));
  const env = {
    LOG_LEVEL: 'silent',
    ...inherited,
    ...urls,
    NODE_ENV: 'test',
    WARREN_TEST_SERVERS: HOME,
  };
  const lines = [`\n${title}`];
  /** @param {string} line */
  const say = (line) => (atTheEnd ? void lines.push(line) : progress.say(line));
  if (!atTheEnd) progress.say(`\n${title}`);
  const outcome = await runMocha(ROOT, specs, { env, grep, except, signal: stop.signal, onLine: say });
  if (atTheEnd) progress.say(lines.join('\n'));
  testsRun += outcome.passed + outcome.failed;
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  failures.push(...outcome.failures);
}
