/** A connection for somebody who looks once: it is tried once, and what fails is told at once. */
import { Redis } from 'ioredis';

const CONNECT_WITHIN_MS = 5000;

/** Not connected yet. @param rejectUnauthorized false accepts a self-signed certificate */
export function oneOffRedis(url: string, rejectUnauthorized: boolean): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_WITHIN_MS,
    retryStrategy: () => null,
    ...(url.startsWith('rediss:') ? { tls: { rejectUnauthorized } } : {}),
  });
  // Without a listener the process would die; whoever waits for a command is told.
  redis.on('error', () => undefined);
  return redis;
}
