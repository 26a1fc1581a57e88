/** The page on which a person reads the reference, and the files it loads: all from here, whatever it shows. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lazily } from '../lazily.js';
import { readServed, type ServedFile, served } from '../served-file.js';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warren: the HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body>
<div id="reference"></div>
<noscript>The page needs JavaScript. What it shows is at <a href="/openapi.json">/openapi.json</a>.</noscript>
</body>
</html>
`;

/** `validatorUrl` would send the document to an address of the library's makers. */
const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
});
`;

export const DOCS_PAGE = served(Buffer.from(html), 'text/html; charset=utf-8');

/** Styles are set by scripts, and drawings come as data; nothing comes from another address. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const DOCS_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** By path; read when somebody first opens the page. */
export const docsFiles = lazily(async (): Promise<ReadonlyMap<string, ServedFile>> => {
  const read = [
    import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
    import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  ].map(async (url) => [`/docs/${basename(url)}`, await readServed(fileURLToPath(url))] as const);
  return new Map([
    ...(await Promise.all(read)),
    ['/docs/start.js', served(Buffer.from(START), 'text/javascript; charset=utf-8')],
  ]);
});
