/** Types of messages that are meant together: a name in which a star stands for any number of characters. Pure. */

/** What a pattern looks like. */
export const TYPE_PATTERN = '^[a-z0-9.*-]{1,128}$';

/** True for the names that fit. Without a pattern all do. */
export function fitting(pattern: string | null | undefined): (type: string) => boolean {
  if (pattern === null || pattern === undefined) return () => true;
  const expression = new RegExp(expressionOf(pattern));
  return (type) => expression.test(type);
}

/** The pattern as a regular expression that PostgreSQL reads too. */
export const expressionOf = (pattern: string): string => `^${pattern.replaceAll('.', '[.]').replace(/\*+/g, '.*')}$`;
