/** What a receiver has to be told of the alerts now, and what remains when it was told. Pure. */
import { type Alert, keyOf, RULES } from './alert.js';

export interface News {
  /** The same however often it is told; another for each time that an alert is raised. */
  readonly id: string;
  readonly status: 'raised' | 'repeated' | 'resolved';
  readonly alert: Alert;
}

/** An alert that has become twice as bad is told again, but not sooner than this, in milliseconds. */
const WORSE_AFTER_MS = 300_000;
/** Told at once; the rest follows in the next round. */
const AT_ONCE = 50;

/** What was never told, what became twice as bad, what has stood for `repeatMs` since it was told, and what is over. */
export function newsFor(receiver: string, alerts: readonly Alert[], now: number, repeatMs: number): News[] {
  const order = Object.keys(RULES);
  return alerts
    .flatMap((alert): News[] => {
      const status = statusFor(alert, receiver, now, repeatMs);
      return status === undefined ? [] : [{ id: `${keyOf(alert)} ${alert.since}`, status, alert }];
    })
    .sort((a, b) => order.indexOf(a.alert.rule) - order.indexOf(b.alert.rule))
    .slice(0, AT_ONCE);
}

function statusFor(
  { phase, level, told }: Alert,
  receiver: string,
  now: number,
  repeatMs: number,
): News['status'] | undefined {
  const last = told[receiver];
  if (phase === 'resolved') return last === undefined ? undefined : 'resolved';
  if (phase === 'pending') return undefined;
  if (last === undefined) return 'raised';
  const worse = level >= 2 * last.level && level > last.level && now - last.at >= WORSE_AFTER_MS;
  return worse || now - last.at >= repeatMs ? 'repeated' : undefined;
}

/** The alerts when the receiver was told. */
export function whenTold(receiver: string, news: readonly News[], alerts: readonly Alert[], now: number): Alert[] {
  const keys = new Set(news.map(({ alert }) => keyOf(alert)));
  return alerts.map((alert) => {
    if (!keys.has(keyOf(alert))) return alert;
    const { [receiver]: _last, ...others } = alert.told;
    return {
      ...alert,
      told: alert.phase === 'resolved' ? others : { ...others, [receiver]: { level: alert.level, at: now } },
    };
  });
}

/** Without those that are over for everybody who was told of them; one who is no receiver any more counts for nobody. */
export function stillToKeep(alerts: readonly Alert[], receivers: readonly string[]): Alert[] {
  return alerts.filter(({ phase, told }) => phase !== 'resolved' || receivers.some((receiver) => receiver in told));
}
