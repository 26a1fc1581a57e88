/** What can be done about a replay in its status, with what it means said first. */
import type { Replay } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { figure, plural } from '../words.js';

interface Props {
  readonly replay: Replay;
  readonly path: string;
  readonly again: () => void;
}

export function ChangeReplay({ replay, path, again }: Props) {
  const { status, to, sent, total } = replay;
  const by = (action: string) => async (reason: string) => {
    await change(`${path}/${action}`, { reason });
    again();
  };
  if (status === 'finished' || status === 'cancelled') return null;
  return (
    <div class="actions">
      {status === 'rehearsed' ? <Start replay={replay} onConfirmed={by('start')} /> : null}
      {status === 'running' ? (
        <Confirm
          key="pause"
          action="Pause"
          impact={<p>Nothing more is sent to {to} until the replay is resumed; what is sent is handled.</p>}
          onConfirmed={by('pause')}
        />
      ) : null}
      {status === 'paused' ? (
        <Confirm
          key="resume"
          action="Resume"
          impact={<p>The replay goes on where it was: {figure(sent)} messages are sent.</p>}
          onConfirmed={by('resume')}
        />
      ) : null}
      <Confirm
        key="cancel"
        action="Cancel"
        danger
        impact={
          <p>
            The replay ends for good.{' '}
            {sent > 0 ? `What is sent is sent: ${figure(sent)} of ${total}.` : 'Nothing is sent.'}
          </p>
        }
        onConfirmed={by('cancel')}
      />
    </div>
  );
}

interface StartProps {
  readonly replay: Replay;
  readonly onConfirmed: (reason: string) => Promise<void>;
}

function Start({ replay: { to, perSecond, rehearsal }, onConfirmed }: StartProps) {
  const { toSend = 0, effects = 0, forgotten = 0 } = rehearsal ?? {};
  if (toSend === 0) return <p>There is nothing to send.</p>;
  return (
    <Confirm
      key="start"
      action={`Send ${plural(toSend, 'message')}`}
      impact={
        <>
          <p>
            {plural(toSend, 'message')} go to the queue of {to} and to no other, {figure(perSecond)} a second at most.
            What its decisions publish goes to everybody who listens.
          </p>
          {effects > 0 ? (
            <p>
              {figure(effects)} of them are effects: {to} asks the outside world once more, under the same idempotency
              keys.
            </p>
          ) : null}
          {forgotten > 0 ? (
            <p>{figure(forgotten)} of them are older than the inbox: if they were handled, they are handled again.</p>
          ) : null}
        </>
      }
      onConfirmed={onConfirmed}
    />
  );
}
