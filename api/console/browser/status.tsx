/** The status of an order, a letter, a job or a replay: told by its word, and by a colour for whoever looks quickly. */
const MOODS: Readonly<Record<string, string>> = {
  SHIPPED: 'well',
  CANCELLED: 'quiet',
  CANCELLING: 'warn',
  open: 'ill',
  held: 'warn',
  redriving: 'warn',
  redriven: 'well',
  finished: 'well',
  suspended: 'ill',
  running: 'warn',
  importing: 'warn',
  rehearsing: 'warn',
  rehearsed: 'warn',
  paused: 'paused',
};

export const Status = ({ status }: { readonly status: string }) => (
  <span class={`mark ${MOODS[status] ?? ''}`}>{status}</span>
);
