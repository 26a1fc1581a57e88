/** A page for people that lists what mails were sent, newest first. */
import type { MailSummary } from './mail-store.js';

const MAILS_A_PAGE = 100;

/** `mails` are those that fit the filter, oldest first; `before` shows only what is older than that number. */
export function listPage(mails: readonly MailSummary[], before: number): string {
  const older = mails.filter(({ n }) => n < before);
  const shown = older.slice(-MAILS_A_PAGE).reverse();
  const oldest = shown.at(-1);
  const more = oldest && older.length > shown.length ? `<p><a href="?before=${oldest.n}">older</a></p>` : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mail sink</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; white-space: nowrap; }
td.subject { white-space: normal; width: 40%; }
</style>
<h1>Mail sink</h1>
<p>${mails.length} mails. None of them left this machine.</p>
<table>
<tr><th>#<th>received<th>to<th>subject<th>order<th>occasion<th>
${shown.map(row).join('\n')}
</table>
${more}
</html>
`;
}

function row({ n, at, to, subject, orderId, occasion }: MailSummary): string {
  const order = orderId ? `<a href="/?orderId=${encodeURIComponent(orderId)}">${escapeHtml(orderId)}</a>` : '';
  const parts = ['html', 'text', 'raw'].map((part) => `<a href="/messages/${n}?part=${part}">${part}</a>`).join(' ');
  return `<tr><td>${n}<td>${at.slice(0, 19).replace('T', ' ')}<td>${escapeHtml(to.join(', '))}<td class="subject">${escapeHtml(subject ?? '')}<td>${order}<td>${escapeHtml(occasion ?? '')}<td>${parts}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
