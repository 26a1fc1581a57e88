/** One dead letter: what went wrong, with which message, what was done about it, and what can be. */
import type { LetterWhole } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { go, linkTo } from '../place.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { moment, plural } from '../words.js';
import { EditPayload } from './edit-payload.js';

export function LetterScreen({ id }: { readonly id: string }) {
  const path = `/operator/dead-letters/${encodeURIComponent(id)}`;
  const { value: letter, error, again } = useAnswer<LetterWhole>(path);
  return (
    <Screen title={letter === undefined ? 'Dead letter' : `Dead letter of ${letter.actor}`} error={error}>
      {letter === undefined ? null : (
        <>
          <Facts letter={letter} />
          <Actions letter={letter} path={path} again={again} />
          <EditPayload
            key={letter.id}
            letter={letter}
            onEdited={async (payload, reason) => {
              const edited = await change<{ letter: string }>(`${path}/edit`, { payload, reason });
              go(linkTo(['dead-letters', edited.letter]));
            }}
          />
          <details>
            <summary>Headers</summary>
            <pre>{JSON.stringify(letter.headers, null, 2)}</pre>
          </details>
          {letter.stack === null ? null : (
            <details>
              <summary>Stack of the error</summary>
              <pre>{letter.stack}</pre>
            </details>
          )}
          <h2>What was done about it</h2>
          <Table
            caption="In its order"
            items={letter.changes}
            keyOf={({ at, change }) => `${at} ${change}`}
            empty="Nothing yet."
            columns={[
              { title: 'What', cell: (one) => one.change },
              { title: 'Who', cell: ({ by }) => by },
              { title: 'Why', cell: ({ reason }) => reason },
              { title: 'When', cell: ({ at }) => moment(at) },
            ]}
          />
        </>
      )}
    </Screen>
  );
}

function Facts({ letter }: { readonly letter: LetterWhole }) {
  const {
    status,
    code,
    message,
    type,
    order,
    attempts,
    occurrences,
    road,
    release,
    firstAt,
    lastAt,
    replacedBy,
    behind,
  } = letter;
  return (
    <section class={`verdict ${status === 'open' || status === 'held' ? 'ill' : 'well'}`} aria-label="What went wrong">
      <p>
        <Status status={status} /> <strong>{code}</strong>: {message}
      </p>
      <p>
        <code>{type ?? 'a message without a type'}</code>
        {order === null ? ' names no order' : ' of the order '}
        {order === null ? null : <a href={linkTo(['orders', order])}>{order}</a>}
      </p>
      <p class="quiet">
        {`${plural(attempts, 'attempt')}, ${plural(occurrences, 'time')}, by ${road === 'broker' ? 'the broker' : `release ${release ?? 'unknown'}`}. First ${moment(firstAt)}, last ${moment(lastAt)}.`}
      </p>
      {behind === null ? null : (
        <p>
          It waits behind <a href={linkTo(['dead-letters', behind])}>another letter of its order</a>, which has to be
          settled first.
        </p>
      )}
      {replacedBy === null ? null : (
        <p>
          An <a href={linkTo(['dead-letters', replacedBy])}>edited letter</a> took its place.
        </p>
      )}
    </section>
  );
}

interface ActionsProps {
  readonly letter: LetterWhole;
  readonly path: string;
  readonly again: () => void;
}

function Actions({ letter: { actor, can, status, code, type }, path, again }: ActionsProps) {
  const what = type ?? 'The message';
  const changed = async (action: 'redrive' | 'discard', reason: string): Promise<void> => {
    await change(`${path}/${action}`, { reason });
    again();
  };
  return (
    <div class="actions">
      <Confirm
        action="Redrive"
        disabled={!can.includes('redrive')}
        impact={
          <p>
            {what} goes to {actor} again as it is, under the same message id, so it has no effect if it was handled
            meanwhile. If nothing was mended it will fail again.
          </p>
        }
        onConfirmed={(reason) => changed('redrive', reason)}
      />
      <Confirm
        action="Discard"
        danger
        disabled={!can.includes('discard')}
        impact={
          <p>
            {what} is given up for good: {actor} never handles it, so its order may never end. What waits behind it
            follows.
          </p>
        }
        onConfirmed={(reason) => changed('discard', reason)}
      />
      {status === 'open' && !can.includes('redrive') ? (
        <p class="quiet">
          It is not sent again as it is ({code}): its message says too little of itself for that, or nobody is known to
          have been allowed to send it.
        </p>
      ) : null}
    </div>
  );
}
