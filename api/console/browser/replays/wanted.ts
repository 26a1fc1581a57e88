/** A replay as it is asked for in the form, as the API takes it; what is not filled in is left out. Pure. */
export function wantedOf(form: Pick<FormData, 'get'>): Readonly<Record<string, string | number | boolean>> {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const given = (name: string, meant: (entered: string) => string): Readonly<Record<string, string>> =>
    text(name) === '' ? {} : { [name]: meant(text(name)) };
  const same = (entered: string): string => entered;
  return {
    to: text('to'),
    ...given('from', momentOf),
    ...given('until', momentOf),
    ...given('types', same),
    ...given('order', (id) => id.toLowerCase()),
    effects: form.get('effects') !== null,
    perSecond: Number(text('perSecond')),
    reason: text('reason'),
  };
}

/** A field for a moment is by the clock of whoever fills it in, and does not say which that is. */
const momentOf = (entered: string): string => new Date(entered).toISOString();
