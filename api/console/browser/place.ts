/** Where in the console somebody is: `#/orders/<id>`, `#/orders?status=PAID`. In the address, so that it can be sent to others and the browser's back works. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  /** `['orders', '<id>']`; empty for the first screen. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** Pure. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The address of a place; parameters that are empty are left out. Pure. */
export function linkTo(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  return `#/${path.map(encodeURIComponent).join('/')}${queryOf(query)}`;
}

/** `?status=PAID`, or nothing; parameters that are empty are left out. Pure. */
export function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

export function go(link: string): void {
  window.location.hash = link;
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(window.location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(window.location.hash));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return place;
}
