/** Reads what documentation says in tables, so that tests can hold it against the code. Pure. */

/** The cells of all tables between this heading and the next one of its level or above; headings and rules left out. */
export function rowsUnder(markdown: string, heading: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new RangeError(`there is no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const end = lines.findIndex((line, at) => at > start && new RegExp(`^#{1,${level}} `).test(line));
  const section = lines.slice(start + 1, end === -1 ? undefined : end);
  return section
    .filter((line, at) => line.startsWith('|') && !isRule(line) && !isRule(section[at + 1] ?? ''))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const isRule = (line: string): boolean => /^\|( -+ \|)+$/.test(line);

/** What stands in backticks, outside of code blocks. */
export function codeIn(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code ?? []);
}

/** The code blocks in this language. */
export function blocksIn(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language && text ? [text] : [],
  );
}

/** Targets of links that lead to this repository, such as `docs/adr/README.md#context`. */
export function localLinksIn(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/\]\(([^)]+)\)/g)]
    .flatMap(([, target]) => target ?? [])
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that its headings make. */
export function anchorsIn(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const withoutBlocks = (markdown: string): string => markdown.replace(/^```.*?^```$/gms, '');
