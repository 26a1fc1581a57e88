/** `/healthz`, `/readyz` and `/metrics` of a process: alive, able to do its work, and how it does it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { register } from 'prom-client';
import { reasonOf } from './reason.js';

const CHECK_WITHIN_MS = 2000;

/** Resolves to true, or to what is wrong. */
type Check = () => Promise<true | string> | true | string;

/** What a process needs to do its work. */
export interface Readiness {
  readonly checks: Readonly<Record<string, Check>>;
}

/** For how long an answer that was asked for elsewhere holds. */
const KEPT_MS = 1000;

/**
 * A check that asks somebody else, at most once a second and never twice at once, however often it is asked itself: without a key
 * everybody may ask whether a process is ready.
 */
export function keptForASecond(check: () => Promise<true>): () => Promise<true> {
  let answer: Promise<true> | undefined;
  let holdsUntil = 0;
  return () => {
    const now = performance.now();
    if (answer !== undefined && now < holdsUntil) return answer;
    // One that gets no answer is asked again when those who wait for it have given up.
    holdsUntil = now + CHECK_WITHIN_MS;
    const asked = check();
    const settled = (): void => {
      if (answer === asked) holdsUntil = performance.now() + KEPT_MS;
    };
    answer = asked;
    asked.then(settled, settled);
    return asked;
  };
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Runs all checks, each within two seconds. */
export async function checkReadiness({ checks }: Readiness): Promise<ReadinessReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await answerOf(check)] as const),
  );
  return {
    ready: results.every(([, answer]) => answer === true),
    checks: Object.fromEntries(results.map(([name, answer]) => [name, answer === true ? 'ok' : answer])),
  };
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the three on a port of their own; `port` 0 takes any free one. */
export async function serveHealth(
  readiness: Readiness,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HealthServer> {
  const server: Server = createServer(async ({ url }, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (url === '/healthz') return answer(200, 'application/json', '{"status":"ok"}');
    if (url === '/metrics') return answer(200, register.contentType, await register.metrics());
    if (url !== '/readyz') return answer(404, 'application/json', '{"status":"not found"}');
    const report = await checkReadiness(readiness);
    answer(report.ready ? 200 : 503, 'application/json', JSON.stringify(report));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    // A listening TCP server's address is an AddressInfo.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerOf(check: Check): Promise<true | string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, CHECK_WITHIN_MS, 'no answer within 2 s');
  });
  try {
    return await Promise.race([check(), tooLate]);
  } catch (error) {
    return reasonOf(error);
  } finally {
    clearTimeout(timer);
  }
}
