/** Dead letters: by what they have in common; those of one kind, with what can be done about all of them; and redrives under way. */
import { useState } from 'preact/hooks';
import type { Group, Letter, Page } from '../answers.js';
import { linkTo, queryOf } from '../place.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { moment, shortId } from '../words.js';
import { ChangeAll } from './change-all.js';
import { Jobs } from './jobs.js';

type Query = Readonly<Record<string, string>>;

export function DeadLetters({ query }: { readonly query: Query }) {
  const { cursor: _cursor, ...filter } = query;
  const groups = useAnswer<Page<Group>>(`/operator/dead-letters/groups${queryOf(filter)}`);
  const [done, setDone] = useState('');
  const narrowed = Object.keys(filter).length > 0;
  const items = groups.value?.items;
  return (
    <Screen title="Dead letters" error={groups.error}>
      {narrowed ? (
        <p>
          Only{' '}
          {Object.entries(filter)
            .map(([name, value]) => `${name} ${value}`)
            .join(', ')}
          . <a href={linkTo(['dead-letters'])}>All</a>
        </p>
      ) : null}
      <p role="status">{done}</p>
      {items === undefined ? null : (
        <>
          <Groups groups={items} />
          <ChangeAll filter={filter} groups={items} onDone={setDone} />
        </>
      )}
      <Letters query={query} />
      <Jobs />
    </Screen>
  );
}

function Groups({ groups }: { readonly groups: readonly Group[] }) {
  return (
    <Table
      caption="Open letters by what they have in common"
      items={groups}
      keyOf={({ fingerprint, actor, type, code }) => `${fingerprint} ${actor} ${type} ${code}`}
      empty="No dead letter is open."
      columns={[
        {
          title: 'Kind',
          cell: ({ fingerprint, actor, code }) => (
            <a href={linkTo(['dead-letters'], { fingerprint })}>
              {actor}: {code}
            </a>
          ),
        },
        { title: 'Message', cell: ({ type }) => type ?? 'without a type' },
        { title: 'Error', cell: ({ message }) => message },
        { title: 'Letters', figure: true, cell: ({ count }) => count },
        { title: 'First', cell: ({ firstAt }) => moment(firstAt) },
        { title: 'Last', cell: ({ lastAt }) => moment(lastAt) },
      ]}
    />
  );
}

function Letters({ query }: { readonly query: Query }) {
  const { value, error } = useAnswer<Page<Letter>>(`/operator/dead-letters${queryOf({ limit: '50', ...query })}`);
  if (value === undefined) return <p class="fault">{error}</p>;
  if (value.items.length === 0) return null;
  return (
    <section aria-labelledby="letters">
      <h2 id="letters">Letters</h2>
      <Table
        caption="Those that stand, in the order they came"
        items={value.items}
        keyOf={({ id }) => id}
        empty=""
        columns={[
          { title: 'Letter', cell: ({ id }) => <a href={linkTo(['dead-letters', id])}>{shortId(id)}</a> },
          { title: 'Status', cell: (letter) => <Status status={letter.status} /> },
          { title: 'Actor', cell: ({ actor }) => actor },
          { title: 'Message', cell: ({ type }) => type ?? 'without a type' },
          { title: 'Error', cell: ({ code, message }) => `${code}: ${message}` },
          { title: 'Attempts', figure: true, cell: ({ attempts }) => attempts },
          {
            title: 'Order',
            cell: ({ order }) => (order === null ? '' : <a href={linkTo(['orders', order])}>{shortId(order)}</a>),
          },
        ]}
      />
      {value.nextCursor === undefined ? null : (
        <p>
          <a href={linkTo(['dead-letters'], { ...query, cursor: value.nextCursor })}>Later ones</a>
        </p>
      )}
    </section>
  );
}
