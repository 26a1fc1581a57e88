/**
 * Lines of a table, columns as wide as their widest cell. The first row is the heading.
 * @param {readonly (readonly string[])[]} rows
 * @returns {string[]}
 */
export function tableLines(rows) {
  /** @type {number[]} */
  const widths = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}
