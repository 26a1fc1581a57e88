/** The console: who is signed in, the way to each screen, and the screen somebody is at. */
import { useEffect, useState } from 'preact/hooks';
import type { SessionView } from './answers.js';
import { currentSession, SIGNED_OUT, signOut } from './ask.js';
import { LiveContext, useLiveStream } from './live.js';
import { linkTo, usePlace } from './place.js';
import { NAVIGATION, screenAt } from './screens.js';
import { SessionContext } from './session.js';
import { SignIn } from './sign-in.js';
import { Theme } from './theme.js';

export function Console() {
  const [session, setSession] = useState<SessionView>();
  const [fault, setFault] = useState('');
  useEffect(() => {
    const load = (): void => void currentSession().then(setSession, (error: Error) => setFault(error.message));
    load();
    window.addEventListener(SIGNED_OUT, load);
    return () => window.removeEventListener(SIGNED_OUT, load);
  }, []);
  if (session === undefined) return <p role="status">{fault}</p>;
  if (session.operator === null) return <SignIn development={session.development} onSignedIn={setSession} />;
  return (
    <SessionContext.Provider value={session}>
      <SignedIn session={session} onSignedOut={setSession} />
    </SessionContext.Provider>
  );
}

interface Props {
  readonly session: SessionView;
  readonly onSignedOut: (session: SessionView) => void;
}

function SignedIn({ session, onSignedOut }: Props) {
  const live = useLiveStream();
  const { path, query } = usePlace();
  const here = path[0] ?? '';
  return (
    <LiveContext.Provider value={live}>
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          Warren
        </a>
        <nav aria-label="Screens">
          {NAVIGATION.filter(({ only }) => only !== 'development' || session.development).map(({ name, title }) => (
            <a
              key={name}
              href={linkTo(name === '' ? [] : [name])}
              {...(name === here ? { 'aria-current': 'page' as const } : {})}
            >
              {title}
            </a>
          ))}
        </nav>
        <div class="who">
          <span>
            {session.operator?.name} <span class="quiet">({session.operator?.role})</span>
          </span>
          <Theme />
          <button type="button" onClick={() => void signOut().then(onSignedOut)}>
            Sign out
          </button>
        </div>
      </header>
      {live.silent === undefined ? null : (
        <p class="banner" role="alert">
          What you see may be old: {live.silent}.
        </p>
      )}
      <main id="main">{screenAt(path, query)}</main>
    </LiveContext.Provider>
  );
}

/** For whoever comes by keyboard; a link would change the address, which says where somebody is. */
function toContent(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}
