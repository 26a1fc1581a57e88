/** Schemas of texts from outside. What could break a log line, a mail header or PostgreSQL is refused at the door. */
import { TYPE_PATTERN } from '../shared/messaging/type-pattern.js';
import Type from '../shared/messaging/typebox.js';

/** No control characters, line breaks or unpaired surrogates, and not blank. */
const ONE_LINE = '^(?!\\s*$)[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]+$';

/**
 * WHATWG HTML, "valid e-mail address", but for what is before the @: there a dot stands between two others, as in RFC 5321's
 * Dot-string. WHATWG lets it stand anywhere, and mail servers refuse such an address for good.
 */
const EMAIL =
  "^[a-zA-Z0-9!#$%&'*+\\/=?^_`{\\|}~\\-]+(?:\\.[a-zA-Z0-9!#$%&'*+\\/=?^_`{\\|}~\\-]+)*@[a-zA-Z0-9](?:[a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?)*$";

const COUNTRY = '^[A-Z]{2}$';
const CURRENCY = '^[A-Z]{3}$';
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
const DURATION = '^[1-9][0-9]{0,5}[smhd]$';
const TIME = '^\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,3})?)?(?:Z|[+-]\\d{2}:\\d{2}))?$';
const LIMIT = '^(?:[1-9][0-9]{0,2}|1000)$';
const SHORT_LIMIT = '^(?:[1-9][0-9]?|100)$';

/** A text of 1 to `maxLength` characters on one line. */
export const oneLine = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: ONE_LINE });

export const Email = Type.String({ minLength: 3, maxLength: 254, pattern: EMAIL });
/** ISO 3166-1 alpha-2. */
export const Country = Type.String({ pattern: COUNTRY });
/** ISO 4217. */
export const Currency = Type.String({ pattern: CURRENCY });
/** Items of a page, 1 to 1000, as a query parameter. */
export const Limit = Type.String({ pattern: LIMIT });

/** The same, 1 to 100. */
export const ShortLimit = Type.String({ pattern: SHORT_LIMIT });

/** As the database writes it. */
export const Uuid = Type.String({ pattern: UUID });
/** `90s`, `15m`, `2h`, `7d`. */
export const Duration = Type.String({ pattern: DURATION });

/** A day, which begins in UTC, or a moment with its offset. */
export const Time = Type.String({ pattern: TIME });
/** Types of messages, a star for any number of characters. */
export const Types = Type.String({ pattern: TYPE_PATTERN });

/** What a pattern means, in words for whoever sent something else. */
export const PATTERN_WORDS: ReadonlyMap<unknown, string> = new Map([
  [ONE_LINE, 'must be one line of text without control characters or unpaired surrogates, and not blank'],
  [EMAIL, 'must be an e-mail address'],
  [COUNTRY, 'must be an ISO 3166 country code of two capital letters'],
  [CURRENCY, 'must be an ISO 4217 currency code of three capital letters'],
  [UUID, 'must be a UUID in lower case'],
  [DURATION, 'must be a duration such as 90s, 15m, 2h or 7d'],
  [TIME, 'must be a day such as 2026-11-01, or a moment with its offset such as 2026-11-01T08:30:00Z'],
  [TYPE_PATTERN, 'must be a type of message such as orders.order-placed, or with a star for several: orders.*'],
  [LIMIT, 'must be a whole number from 1 to 1000'],
  [SHORT_LIMIT, 'must be a whole number from 1 to 100'],
]);
