/** E-mail addresses in what others say, such as a mail server that refuses one: they are kept out of logs and dead letters. */

/** Bounded in both parts, or a long text without spaces would be read again from each of its letters. Ours have 83 letters before the `@`. */
const ADDRESS = /[^\s<>()[\]{}",:;'`@/]{1,128}@[^\s<>()[\]{}",:;'`@/]{0,253}[^\s<>()[\]{}",:;'`@/.]/gi;
/** A Message-ID of ours begins with the order's id. */
const OF_OURS = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

export const withoutMailAddresses = (text: string): string =>
  text.includes('@') ? text.replace(ADDRESS, (found) => (OF_OURS.test(found) ? found : '[e-mail]')) : text;
