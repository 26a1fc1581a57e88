/** What the last audit of conservation found, and who changed what. */
import type { Action, AuditResult, Page } from './answers.js';
import { linkTo } from './place.js';
import { Screen } from './screen.js';
import { Table } from './table.js';
import { useAnswer } from './use-answer.js';
import { figure, moment } from './words.js';

export function Audit({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const audit = useAnswer<Page<AuditResult>>('/operator/audit', { keepUp: false });
  const actions = useAnswer<Page<Action>>(
    `/operator/actions?limit=50${query['cursor'] ? `&cursor=${query['cursor']}` : ''}`,
  );
  return (
    <Screen title="Audit" error={audit.error ?? actions.error}>
      <h2>Conservation</h2>
      <Table
        caption="The last hourly audit: what holds for all orders, stock and money"
        items={audit.value?.items ?? []}
        keyOf={({ invariant }) => String(invariant)}
        empty="No audit has run yet; it does at 47 minutes past each hour."
        columns={[
          { title: 'Invariant', cell: ({ invariant, title }) => `${invariant}. ${title ?? ''}` },
          { title: 'Looked at', figure: true, cell: ({ checked }) => figure(checked) },
          {
            title: 'Violations',
            figure: true,
            cell: ({ violations }) => (
              <span class={`mark ${violations === 0 ? 'well' : 'ill'}`}>{figure(violations)}</span>
            ),
          },
          { title: 'When', cell: ({ auditedAt }) => moment(auditedAt) },
        ]}
      />
      <p class="quiet">
        <code>npm run audit -- --live</code> names the orders of a violation.
      </p>
      <h2>Who did what</h2>
      <Table
        caption="The newest first"
        items={actions.value?.items ?? []}
        keyOf={({ id }) => id}
        empty="Nobody has changed anything yet."
        columns={[
          { title: 'When', cell: ({ at }) => moment(at) },
          { title: 'Who', cell: ({ by }) => by },
          { title: 'What', cell: (action) => <What action={action} /> },
          { title: 'Why', cell: ({ reason }) => reason ?? '' },
        ]}
      />
      {actions.value?.nextCursor === undefined ? null : (
        <a href={linkTo(['audit'], { cursor: actions.value.nextCursor })}>Older ones</a>
      )}
    </Screen>
  );
}

const SCREENS: Readonly<Record<string, string>> = { order: 'orders', 'dead-letter': 'dead-letters', replay: 'replays' };

function What({ action: { action, thing, thingId, details } }: { readonly action: Action }) {
  const screen = SCREENS[thing];
  return (
    <>
      {action} {thing}{' '}
      {thingId === null ? null : screen === undefined ? thingId : <a href={linkTo([screen, thingId])}>{thingId}</a>}
      {details === null ? null : <code class="quiet"> {JSON.stringify(details)}</code>}
    </>
  );
}
