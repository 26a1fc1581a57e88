/** How the fleet is, as web tells it every two seconds by one event stream. Nobody is asked while the page is hidden. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Live } from './answers.js';
import { currentSession, SIGNED_OUT } from './ask.js';

export interface LiveView {
  /** The last that was told. */
  readonly status: Live | undefined;
  /** Those before it and it, the last minutes of them. */
  readonly past: readonly Live[];
  /** Why nothing is told at present; undefined while something is. */
  readonly silent: string | undefined;
}

/** Three minutes. */
const REMEMBERED = 90;
const NOTHING: LiveView = { status: undefined, past: [], silent: undefined };

export const LiveContext = createContext<LiveView>(NOTHING);

export const useLive = (): LiveView => useContext(LiveContext);

const COME_BACK_MS = 3000;

/** Listens as long as the page is seen. */
export function useLiveStream(): LiveView {
  const [view, setView] = useState<LiveView>(NOTHING);
  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const close = (): void => {
      clearTimeout(timer);
      source?.close();
      source = undefined;
    };
    const open = (): void => {
      close();
      if (document.hidden) return;
      source = new EventSource('/operator/status/events');
      source.addEventListener('status', ({ data }) => {
        const status: Live = JSON.parse(data);
        setView(({ past }) => ({ status, past: [...past, status].slice(-REMEMBERED), silent: undefined }));
      });
      source.addEventListener('silent', ({ data }) =>
        setView((before) => ({ ...before, silent: JSON.parse(data).why })),
      );
      source.addEventListener('error', () => {
        // A stream that web has ended in good order is opened again by the browser itself.
        if (source?.readyState !== EventSource.CLOSED) return;
        setView((before) => ({ ...before, silent: 'web does not answer; trying on' }));
        void askWhoIsSignedIn();
        timer = setTimeout(open, COME_BACK_MS);
      });
    };
    open();
    document.addEventListener('visibilitychange', open);
    return () => {
      document.removeEventListener('visibilitychange', open);
      close();
    };
  }, []);
  return view;
}

/** A stream that is refused does not say why. */
async function askWhoIsSignedIn(): Promise<void> {
  const session = await currentSession().catch(() => undefined);
  if (session?.operator === null) window.dispatchEvent(new Event(SIGNED_OUT));
}
