/** Asks for a replay: which messages, for whom. It is rehearsed, and sends nothing before somebody starts it. */
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { Replay } from '../answers.js';
import { change } from '../ask.js';
import { useLive } from '../live.js';
import { go, linkTo } from '../place.js';
import { useMayChange } from '../session.js';
import { wantedOf } from './wanted.js';

/** @param query what is filled in from the start, by whoever links here */
export function AskReplay({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { status } = useLive();
  const mayChange = useMayChange();
  const [fault, setFault] = useState('');
  const [under, setUnder] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setFault('');
    setUnder(true);
    try {
      const { id } = await change<Replay>('/operator/replays', wantedOf(new FormData(event.currentTarget)));
      go(linkTo(['replays', id]));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      setUnder(false);
    }
  };
  return (
    <section class="card" aria-labelledby="ask-replay">
      <h2 id="ask-replay">Rehearse one</h2>
      <form class="line" onSubmit={submit}>
        <label>
          To the actor
          <select name="to" required>
            {status?.actors.map(({ actor }) => (
              <option key={actor} selected={actor === query['to']}>
                {actor}
              </option>
            ))}
          </select>
        </label>
        <label>
          From, by your clock
          <input name="from" type="datetime-local" step={1} />
        </label>
        <label>
          Until; by default now
          <input name="until" type="datetime-local" step={1} />
        </label>
        <label>
          Types; a star stands for anything
          <input name="types" placeholder="orders.*" defaultValue={query['types'] ?? ''} />
        </label>
        <label class="wide">
          Of the order
          <input name="order" placeholder="its id; then no time is needed" defaultValue={query['order'] ?? ''} />
        </label>
        <label>
          A second at most
          <input name="perSecond" type="number" min={1} max={10_000} defaultValue={50} required />
        </label>
        <label class="check">
          <input name="effects" type="checkbox" />
          Also what the actor acts on outside: payments, parcels, mails
        </label>
        <label class="wide">
          Reason, which is noted with your name
          <input name="reason" required maxLength={500} />
        </label>
        <button
          type="submit"
          class="primary"
          disabled={!mayChange || under || status === undefined}
          title={mayChange ? '' : 'A viewer changes nothing.'}
        >
          Rehearse
        </button>
      </form>
      <p class="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}
