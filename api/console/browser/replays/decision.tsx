/** What one decision would come to: states from what to what, messages, or why it would fail. */
import type { Replay } from '../answers.js';
import { linkTo } from '../place.js';
import { plainType, plural, shortId } from '../words.js';

type Rehearsed = NonNullable<Replay['rehearsal']>['shown'][number];

export function Decision({ decision }: { readonly decision: Rehearsed }) {
  const { id, type, order, fails, changes, publishes } = decision;
  return (
    <details class="message">
      <summary>
        {plainType(type)} {shortId(id)}: {fails === null ? inShort(decision) : <strong>fails, {fails.code}</strong>}
      </summary>
      <p>
        <code>{type}</code> of the order <a href={linkTo(['orders', order])}>{shortId(order)}</a>
      </p>
      {fails === null ? null : <p class="fault">{fails.message}</p>}
      <ul>
        {changes.map(({ table, key, made, fields }) => (
          <li key={`${table} ${key}`}>
            {made ? 'new ' : ''}
            {table} <code>{key}</code>
            <ul>
              {Object.entries(fields).map(([name, { from, to }]) => (
                <li key={name}>
                  {name}: {made ? null : <code>{JSON.stringify(from)}</code>}
                  {made ? '' : ' becomes '}
                  <code>{JSON.stringify(to)}</code>
                </li>
              ))}
            </ul>
          </li>
        ))}
        {publishes.map(({ type: published, payload }, index) => (
          <li key={index}>
            publishes {published} <code>{JSON.stringify(payload)}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function inShort({ changes, publishes }: Rehearsed): string {
  const parts = [
    ...(changes.length > 0 ? [`changes ${plural(changes.length, 'state')}`] : []),
    ...(publishes.length > 0 ? [`publishes ${plural(publishes.length, 'message')}`] : []),
  ];
  return parts.length === 0 ? 'changes nothing' : parts.join(', ');
}
