/** Alerts in words. Pure. */
import { RULES } from './alert.js';
import type { News } from './news.js';
import type { Bulletin } from './receiver.js';

/** One line. */
export function headline({ news }: Pick<Bulletin, 'news'>): string {
  const [first, ...rest] = news;
  if (first === undefined) return 'nothing to tell';
  return `${said(first)}${rest.length > 0 ? `; and ${rest.length} more` : ''}`;
}

/** A paragraph each. */
export function bodyText({ news, release, at }: Bulletin): string {
  const paragraphs = news.map((one) => {
    const since = `Since ${new Date(one.alert.since).toISOString()}.`;
    return one.status === 'resolved'
      ? `${said(one)}\n${since}`
      : `${said(one)}\n${since} What to do: ${RULES[one.alert.rule].remedy}.`;
  });
  return `${paragraphs.join('\n\n')}\n\nWarren, release ${release}, ${at.toISOString()}\n`;
}

/** As JSON for a webhook; `text` is what Slack and Mattermost show. */
export function asJson(bulletin: Bulletin): object {
  const { news, release, at } = bulletin;
  return {
    source: 'warren',
    release,
    at: at.toISOString(),
    text: news.map(said).join('\n'),
    alerts: news.map(({ id, status, alert: { rule, subject, level, summary, since } }) => ({
      id,
      status,
      rule,
      subject,
      level,
      unit: RULES[rule].unit,
      summary,
      remedy: RULES[rule].remedy,
      since: new Date(since).toISOString(),
    })),
  };
}

const PREFIX = { raised: '', repeated: 'Still: ', resolved: 'Over: ' } as const;

function said({ status, alert: { summary } }: News): string {
  return `${PREFIX[status]}${summary}`;
}
