/** Which URLs of others are called at all, by how they are written. Where they lead is looked at apart. */

export interface UrlRules {
  /** Lets `http://` and every port pass: for development and tests. */
  readonly allowInsecure: boolean;
}

const HTTPS_PORT = 443;
/** Below are the ports of mail, remote shells and name servers, which must not be talked to in somebody's name. */
const FIRST_FREE_PORT = 1024;

/** What is wrong with the URL, in words for whoever wrote it; undefined when nothing is. */
export function urlFault(text: string, { allowInsecure }: UrlRules): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, username, password, hash, hostname, port } = new URL(text);
  if (protocol !== 'https:' && !(allowInsecure && protocol === 'http:')) return 'must begin with https://';
  if (username !== '' || password !== '') return 'must not have a user or password in it';
  if (hash !== '') return 'must not have a fragment';
  if (hostname === '') return 'names no host';
  const number = port === '' ? HTTPS_PORT : Number(port);
  if (number !== HTTPS_PORT && number < FIRST_FREE_PORT && !allowInsecure)
    return `must have the port ${HTTPS_PORT} or one from ${FIRST_FREE_PORT} on`;
  return undefined;
}
