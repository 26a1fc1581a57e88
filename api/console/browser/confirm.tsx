/** Before anything is changed: what it does is said, and why it is done is asked. */
import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useMayChange } from './session.js';

interface Props {
  /** On the button that asks, and on the one that does. */
  readonly action: string;
  /** Its name, where several stand beside each other of which the place tells the eye which is meant. */
  readonly thing?: string;
  /** What will happen, to which things. */
  readonly impact: ComponentChildren;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** The dialog is opened: what may differ from one time to the next is made now. */
  readonly onAsked?: () => void;
  /** Does it. What it throws is shown. */
  readonly onConfirmed: (reason: string) => Promise<void>;
}

export function Confirm({ action, thing, impact, danger = false, disabled = false, onAsked, onConfirmed }: Props) {
  const mayChange = useMayChange();
  const [asked, setAsked] = useState(false);
  const style = danger ? 'danger' : 'primary';
  return (
    <>
      <button
        type="button"
        class={style}
        disabled={disabled || !mayChange}
        title={mayChange ? '' : 'A viewer changes nothing.'}
        onClick={() => {
          onAsked?.();
          setAsked(true);
        }}
      >
        {action}
        {thing === undefined ? null : <span class="unseen"> {thing}</span>} …
      </button>
      {asked ? (
        <Dialog
          action={action}
          title={thing === undefined ? action : `${action} ${thing}`}
          style={style}
          onConfirmed={onConfirmed}
          onClose={() => setAsked(false)}
        >
          {impact}
        </Dialog>
      ) : null}
    </>
  );
}

interface DialogProps extends Pick<Props, 'action' | 'onConfirmed'> {
  readonly title: string;
  readonly style: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function Dialog({ action, title, style, onConfirmed, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [reason, setReason] = useState('');
  const [under, setUnder] = useState(false);
  const [fault, setFault] = useState('');
  // Modal, so that the browser keeps the focus inside, closes it with Escape and gives the focus back.
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setUnder(true);
    try {
      await onConfirmed(reason.trim());
      dialog.current?.close();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      setUnder(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        <div>{children}</div>
        <label>
          Reason, which is noted with your name
          <input
            name="reason"
            required
            maxLength={500}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="submit" class={style} disabled={under || reason.trim() === ''}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
