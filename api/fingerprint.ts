/** Tells whether two requests ask for the same: SHA-256 of the content, whatever the order of members. Pure. */
import { hash } from 'node:crypto';

export function fingerprintOf(content: unknown): Buffer {
  return hash('sha256', canonical(content), 'buffer');
}

/** JSON with the members of every object sorted by name. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
