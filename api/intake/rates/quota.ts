/** A quota of requests: a bucket that holds all of them and fills up evenly within a window. Pure. */

export interface Quota {
  /** As callers are told. */
  readonly name: string;
  readonly requests: number;
  /** Within which an empty bucket is full again, in seconds. */
  readonly windowS: number;
}

/** What one caller has left. */
export interface Bucket {
  /** Requests, and parts of one; below 0 when other processes gave out more than there was. */
  level: number;
  /** Of `level`, on a clock that never goes back. */
  atMs: number;
  /** Given out since the fleet was told. */
  spent: number;
}

/** What a caller who asks is told. */
export interface Taken {
  /** Whole requests left. */
  readonly remaining: number;
  /** 0: let in. Else until there is one for him, in milliseconds. */
  readonly afterMs: number;
}

export const fullBucket = ({ requests }: Quota, nowMs: number): Bucket => ({ level: requests, atMs: nowMs, spent: 0 });

/** Fills the bucket up to now. @param among processes that share the quota without telling each other */
export function refill(bucket: Bucket, { requests, windowS }: Quota, nowMs: number, among: number): void {
  const filled = (nowMs - bucket.atMs) * (requests / (windowS * 1000));
  // However many share it, one at a time is let in.
  bucket.level = Math.min(bucket.level + filled / among, Math.max(1, requests / among));
  bucket.atMs = nowMs;
}

/** Until the bucket, as it was when it was filled last, has one request. */
export const untilOneMs = ({ level }: Bucket, { requests, windowS }: Quota, among: number): number =>
  level >= 1 ? 0 : Math.ceil(((1 - level) * windowS * 1000 * among) / requests);
