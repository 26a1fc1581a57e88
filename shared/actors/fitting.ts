/**
 * How many of the first items are taken together: at most `most`, and at most `size` in all; but one always, however large.
 * Pure.
 */
export function fitting<T>(
  items: readonly T[],
  { most, size, sizeOf }: { readonly most: number; readonly size: number; readonly sizeOf: (item: T) => number },
): number {
  let total = 0;
  let count = 0;
  for (const item of items) {
    total += sizeOf(item);
    if (count === most || (count > 0 && total > size)) break;
    count += 1;
  }
  return count;
}
