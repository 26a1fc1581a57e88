/** A connection for somebody who looks once: it is tried once, and what fails is told at once. */
import { Redis } from 'ioredis';
import { connectReason } from '../sockets/tls.js';
import { addressOf, tlsOption } from './redis-at.js';

const CONNECT_WITHIN_MS = 5000;

/** Connected. @throws {Error} with the reason, and what to do where it is about a certificate */
export async function oneOffRedis(url: string): Promise<Redis> {
  const redis = new Redis(addressOf(url), {
    ...tlsOption(url),
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_WITHIN_MS,
    retryStrategy: () => null,
  });
  let failure: Error | undefined;
  // Whoever waits for a command is told that the connection is closed, and only this why.
  redis.on('error', (error) => {
    failure ??= error;
  });
  try {
    await redis.connect();
  } catch (error) {
    throw new Error(connectReason(failure ?? error, 'REDIS'), { cause: error });
  }
  return redis;
}
