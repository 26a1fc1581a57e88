/** Asks for an operator's key. It is sent once, for a session; the browser keeps it nowhere. */
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { SessionView } from './answers.js';
import { signIn } from './ask.js';

interface Props {
  readonly development: boolean;
  readonly onSignedIn: (session: SessionView) => void;
}

export function SignIn({ development, onSignedIn }: Props) {
  const [key, setKey] = useState('');
  const [fault, setFault] = useState('');
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    try {
      onSignedIn(await signIn(key.trim()));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>Warren</h1>
        <label>
          Key of an operator
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            required
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary">
          Sign in
        </button>
        <p class="quiet">
          {development ? (
            <>
              In development it is <code>dev-operator-key</code>.
            </>
          ) : (
            <>
              <code>node dist/scripts/operator.js add operator NAME</code> makes one.
            </>
          )}
        </p>
      </form>
    </main>
  );
}
