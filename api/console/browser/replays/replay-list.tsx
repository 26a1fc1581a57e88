/** Replays: messages of the event log that were sent to one actor once more, and how one is asked for. */
import type { Page, Replay } from '../answers.js';
import { linkTo, queryOf } from '../place.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { moment, shortId } from '../words.js';
import { AskReplay } from './ask-replay.js';
import { Progress } from './progress.js';

const PAGE = '20';

export function ReplayList({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { value, error } = useAnswer<Page<Replay>>(
    `/operator/replays${queryOf({ limit: PAGE, cursor: query['cursor'] })}`,
  );
  return (
    <Screen title="Replays" error={error}>
      <p class="quiet">
        A replay sends messages of the event log to one actor once more. It is rehearsed first, which sends nothing;
        what the actor has handled is skipped.
      </p>
      <AskReplay key={queryOf(query)} query={query} />
      {value === undefined ? null : (
        <Table
          caption={query['cursor'] === undefined ? 'The newest first' : 'Older ones'}
          items={value.items}
          keyOf={({ id }) => id}
          empty="There is no replay."
          columns={[
            { title: 'Replay', cell: ({ id }) => <a href={linkTo(['replays', id])}>{shortId(id)}</a> },
            { title: 'To', cell: ({ to }) => to },
            { title: 'Status', cell: (replay) => <Status status={replay.status} /> },
            { title: 'Progress', cell: (replay) => <Progress replay={replay} /> },
            { title: 'Asked for', cell: ({ madeAt, madeBy }) => `${moment(madeAt)} by ${madeBy}` },
            { title: 'Reason, or trouble', cell: ({ trouble, reason }) => trouble ?? reason },
          ]}
        />
      )}
      {value?.nextCursor === undefined ? null : (
        <p>
          <a href={linkTo(['replays'], { cursor: value.nextCursor })}>Older ones</a>
        </p>
      )}
    </Screen>
  );
}
