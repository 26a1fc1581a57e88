/** What the API answers with, as it arrives: the types of the server, after JSON. */
import type { LiveStatus } from '../../operators/status/status-route.js';

/** A value after JSON: times are texts. */
type Json<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Json<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

export type Live = Json<LiveStatus>;
export type { SessionView } from '../session-routes.js';
