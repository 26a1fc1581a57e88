/** What a request prefers of its answer, by `Prefer` (RFC 7240). Pure. */

/** Of a longer header nothing is heeded: nobody has so many preferences, and to read them would keep us busy. */
const LENGTH_AT_MOST = 1000;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
/** Split at commas, but for those within quotes; a quote that is not closed stays with its member and spoils it. */
const MEMBERS = new RegExp(`(?:[^,"]|${QUOTED}|")+`, 'g');
/** Name and value; parameters of a preference mean nothing to us. */
const MEMBER = new RegExp(`^[ \\t]*(${TOKEN})[ \\t]*(?:=[ \\t]*(${TOKEN}|${QUOTED})?[ \\t]*)?(?:;.*)?$`);

/**
 * Preferences by their names in lower case; one without a value has an empty one. Of several by one name the first counts, be its
 * value what it may. What cannot be read is left out: a preference is no reason to refuse a request.
 */
export function preferencesOf(header: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ');
  const preferences = new Map<string, string>();
  if (text === '' || text.length > LENGTH_AT_MOST) return preferences;
  for (const member of text.match(MEMBERS) ?? []) {
    const [, name, value = ''] = MEMBER.exec(member) ?? [];
    if (name === undefined || preferences.has(name.toLowerCase())) continue;
    preferences.set(name.toLowerCase(), value.startsWith('"') ? unquoted(value) : value);
  }
  return preferences;
}

const unquoted = (quoted: string): string => quoted.slice(1, -1).replace(/\\(.)/g, '$1');
