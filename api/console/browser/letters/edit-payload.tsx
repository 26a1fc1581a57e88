/** The payload of a letter, to be changed and redriven; web holds it against its contract before anything is done. */
import { useId, useState } from 'preact/hooks';
import type { LetterWhole } from '../answers.js';
import { Confirm } from '../confirm.js';

interface Props {
  readonly letter: LetterWhole;
  readonly onEdited: (payload: unknown, reason: string) => Promise<void>;
}

export function EditPayload({ letter, onEdited }: Props) {
  const before = pretty(letter.body);
  const [text, setText] = useState(before);
  const id = useId();
  const fault = faultOf(text);
  const editable = letter.can.includes('edit');
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Payload</h2>
      <label for={id}>
        {editable
          ? 'JSON; change it here, then redrive it'
          : `As it was; ${letter.status === 'open' ? 'this letter' : `a letter that is ${letter.status}`} is not edited`}
      </label>
      <textarea
        id={id}
        name="payload"
        spellcheck={false}
        readOnly={!editable}
        value={text}
        aria-describedby={`${id}-fault`}
        aria-invalid={fault !== ''}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <p id={`${id}-fault`} class="fault" role="alert">
        {fault}
      </p>
      {editable ? (
        <Confirm
          action="Redrive with this payload"
          disabled={fault !== '' || text === before}
          impact={
            <p>
              A new message with this payload takes the place of the one before and goes to {letter.actor}. The one
              before is never handled. Nothing is done if it does not fit its contract.
            </p>
          }
          onConfirmed={(reason) => onEdited(JSON.parse(text), reason)}
        />
      ) : null}
    </section>
  );
}

/** As it came where it is no JSON. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
