/** Figures and times in few words. Pure. */

/** `340 ms`, `12 s`, `5 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** How long ago. @param now milliseconds since 1970 */
export const age = (at: string, now: number): string => duration(Math.max(0, now - Date.parse(at)));

/** `12,345`, `0.4`. */
export const figure = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

/** `1 order`, `3 orders`. */
export const plural = (count: number, noun: string): string => `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Minor units of the currency. */
export function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** The end of an id, which tells ids of one moment apart; on one line. */
export const shortId = (id: string): string => `…\u2060${id.slice(-8)}`;

/** `shipping.order-shipped` as it is said: `order shipped`. */
export const plainType = (type: string): string => (type.split('.')[1] ?? type).replaceAll('-', ' ');

/** `14:03:59`, by the clock of whoever looks. */
export const timeOfDay = (ms: number): string => new Date(ms).toLocaleTimeString('en-GB');

/** Date and time, by the clock of whoever looks. */
export const moment = (at: string): string =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
