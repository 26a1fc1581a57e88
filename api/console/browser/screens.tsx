/** The screens and where they are. */
import type { ComponentChild } from 'preact';
import { Overview } from './overview.js';
import { Screen } from './screen.js';

/** `name` is the first part of the address. */
export const NAVIGATION: readonly { readonly name: string; readonly title: string; readonly only?: 'development' }[] = [
  { name: '', title: 'Overview' },
];

export function screenAt(path: readonly string[], _query: Readonly<Record<string, string>>): ComponentChild {
  const [name = ''] = path;
  switch (name) {
    case '':
      return <Overview />;
    default:
      return (
        <Screen title="Nothing is here">
          <p>
            The console has no screen of this address. <a href="#/">Overview</a>
          </p>
        </Screen>
      );
  }
}
