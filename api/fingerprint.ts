/** Tells whether two requests ask for the same: SHA-256 of the content, whatever the order of members. Pure. */
import { hash } from 'node:crypto';

export function fingerprintOf(content: unknown): Buffer {
  return hash('sha256', canonical(content), 'buffer');
}

/** JSON with the members of every object sorted by name. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let members = '';
  if (Array.isArray(value)) {
    for (const member of value) members += members === '' ? canonical(member) : `,${canonical(member)}`;
    return `[${members}]`;
  }
  // Plain concatenation, since this is done for every request.
  const content = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(content).sort()) {
    const member = content[name];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return `{${members}}`;
}
