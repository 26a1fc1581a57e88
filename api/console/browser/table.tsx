/** A table that says of itself what it is about, and what it means that it is empty. On a telephone it becomes a list of cards. */
import type { ComponentChild } from 'preact';

export interface Column<T> {
  readonly title: string;
  readonly cell: (item: T) => ComponentChild;
  /** Figures stand in line at the right. */
  readonly figure?: boolean;
}

interface Props<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Said in place of an empty table. */
  readonly empty: string;
}

export function Table<T>({ caption, columns, items, keyOf, empty }: Props<T>) {
  if (items.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <div class="scroll">
      <table class="listed">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, figure }) => (
              <th key={title} scope="col" class={figure ? 'figure' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ title, cell, figure }) => (
                <td key={title} data-title={title} class={figure ? 'figure' : ''}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
