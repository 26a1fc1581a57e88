/** What an operator can set for an actor: that nobody takes from its queue, and how much each of its processes holds at once. */
import { useRef } from 'preact/hooks';
import type { ActorStatus } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { figure } from '../words.js';

interface Props {
  readonly status: ActorStatus;
  /** Says what came of it. */
  readonly onDone: (words: string) => void;
}

const FOLLOW = 'Every process of it follows within a few seconds, and those that start later.';

export function PauseOrResume({ status: { actor, paused }, onDone }: Props) {
  return paused === null ? (
    <Confirm
      key="pause"
      action="Pause"
      thing={actor}
      impact={
        <p>
          Every process of {actor} finishes what it has begun, and takes nothing more until it is resumed. Its messages
          wait in the queue; timers run on, so that deadlines of orders may pass.
        </p>
      }
      onConfirmed={async (reason) => {
        await change(pathOf(actor, 'pause'), { reason });
        onDone(`${actor} is paused. ${FOLLOW}`);
      }}
    />
  ) : (
    <Confirm
      key="resume"
      action="Resume"
      thing={actor}
      impact={
        <p>
          {actor} goes on with what waits. {paused.by} paused it: {paused.reason}
        </p>
      }
      onConfirmed={async (reason) => {
        await change(pathOf(actor, 'resume'), { reason });
        onDone(`${actor} is resumed. ${FOLLOW}`);
      }}
    />
  );
}

export function Prefetch({ status: { actor, prefetch }, onDone }: Props) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <span class="beside">
      {prefetch.set === null ? figure(prefetch.declared) : `${figure(prefetch.set)}, set`}
      <Confirm
        action="Set"
        thing={`prefetch of ${actor}`}
        impact={
          <>
            <p>So many unacked deliveries each process of {actor} holds at most, on top of what it holds already.</p>
            <label>
              Deliveries; nothing for what its environment says, or else its code: {figure(prefetch.declared)}
              <input ref={field} type="number" min={1} max={65_535} defaultValue={prefetch.set ?? ''} />
            </label>
          </>
        }
        onConfirmed={async (reason) => {
          const entered = field.current?.value ?? '';
          const wanted = entered === '' ? null : Number(entered);
          await change(pathOf(actor, 'prefetch'), { reason, prefetch: wanted });
          const says = wanted === null ? 'as each of its processes has it' : figure(wanted);
          onDone(`The prefetch of ${actor} is ${says}. ${FOLLOW}`);
        }}
      />
    </span>
  );
}

const pathOf = (actor: string, action: string): string => `/operator/queues/${encodeURIComponent(actor)}/${action}`;
