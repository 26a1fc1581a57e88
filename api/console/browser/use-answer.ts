/** What a screen shows of one resource: asked for when its path changes, and again with every look at the fleet. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
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
  const [answer, setAnswer] = useState<{ path?: string; value?: T; error?: string | undefined }>({});
  const wanted = useRef(path);
  wanted.current = path;
  const underWay = useRef<string>(undefined);
  // The beat and the wish to ask again are why it runs anew. While web takes longer than a beat it is not asked twice.
  useEffect(() => {
    if (path === undefined || underWay.current === path) return;
    underWay.current = path;
    const take = (given: { value: T } | { error: string }): void => {
      if (underWay.current === path) underWay.current = undefined;
      if (wanted.current === path)
        setAnswer((before) => ({ ...(before.path === path ? before : {}), ...NO_ERROR, path, ...given }));
    };
    ask<T>(path).then(
      (value) => take({ value }),
      (error: Error) => take({ error: error.message }),
    );
  }, [path, beat, asked]);
  const again = useCallback(() => setAsked((times) => times + 1), []);
  const current = answer.path === path ? answer : {};
  return { value: current.value, error: current.error, again };
}

const NO_ERROR = { error: undefined };
