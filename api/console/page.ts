/** The one page of the console, and what it allows itself: nothing from another address, and no script or style that is not a file. */
import { createHash } from 'node:crypto';
import { PACKAGES } from './files.js';

/** Names of packages for the browser's `import`. It has to stand in the page; its hash lets it through. */
const IMPORT_MAP = JSON.stringify({ imports: PACKAGES });
const IMPORT_MAP_HASH = createHash('sha256').update(IMPORT_MAP).digest('base64');

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Warren</title>
<link rel="icon" href="/console/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console/packages/uplot.css">
<link rel="stylesheet" href="/console/console.css">
<script type="importmap">${IMPORT_MAP}</script>
<script type="module" src="/console/browser/main.js"></script>
</head>
<body>
<div id="console"></div>
<noscript>The console needs JavaScript. The command line does not: npx warren status</noscript>
</body>
</html>
`;

const POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${IMPORT_MAP_HASH}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Asked again each time, and answered with 304: a new release is there with the next load.
  'cache-control': 'no-cache',
};
