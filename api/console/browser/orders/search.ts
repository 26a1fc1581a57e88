/** What somebody looks for, told from how it looks. Pure. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TRACE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

export type Search =
  | { readonly by: 'order'; readonly id: string }
  | { readonly by: 'email' | 'reference'; readonly text: string };

/** An order id, the trace id that is made of one, an e-mail address; anything else is a reference. Undefined for nothing. */
export function searchOf(entered: string): Search | undefined {
  const text = entered.trim();
  if (text === '') return undefined;
  if (UUID.test(text)) return { by: 'order', id: text.toLowerCase() };
  if (TRACE.test(text)) return { by: 'order', id: text.toLowerCase().replace(TRACE, '$1-$2-$3-$4-$5') };
  return { by: text.includes('@') ? 'email' : 'reference', text };
}
