/** What a screen shows of one resource: asked for when its path changes, and again with every look at the fleet. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ask } from './ask.js';
import { useLive } from './live.js';

export interface Answer<T> {
  /** The last one there was; undefined before the first. */
  readonly value: T | undefined;
  readonly error: string | undefined;
  /** Asks again at once. */
  readonly again: () => void;
}

/** @param path undefined asks nothing @param keepUp asks again with every look at the fleet, as long as the page is seen */
export function useAnswer<T>(
  path: string | undefined,
  { keepUp = true }: { readonly keepUp?: boolean } = {},
): Answer<T> {
  const { status } = useLive();
  const beat = keepUp ? status?.at : undefined;
  const [asked, setAsked] = useState(0);
  const [answer, setAnswer] = useState<{ path?: string; value?: T; error?: string }>({});
  // The beat and the wish to ask again are why it runs anew.
  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    ask<T>(path, controller.signal).then(
      (value) => setAnswer({ path, value }),
      (error: Error) => {
        if (!controller.signal.aborted)
          setAnswer((before) => ({ ...(before.path === path ? before : {}), path, error: error.message }));
      },
    );
    return () => controller.abort();
  }, [path, beat, asked]);
  const again = useCallback(() => setAsked((times) => times + 1), []);
  const current = answer.path === path ? answer : {};
  return { value: current.value, error: current.error, again };
}
