/** What ioredis is told of a URL that also says how the server's certificate is verified. */
import { tlsOf } from '../sockets/tls.js';

/** ioredis takes the parameters of a URL for options of its own. */
export const addressOf = (url: string): string => url.replace(/\?.*$/, '');

export const tlsOption = (url: string): { readonly tls?: ReturnType<typeof tlsOf> } =>
  url.startsWith('rediss:') ? { tls: tlsOf(url) } : {};
