/** The routes of an app as they are added, for the reference, and for telling a wrong method from a wrong path. */
import type { App } from '../type-provider.js';
import type { RegisteredRoute } from './route-notes.js';

/** To be called before the first route is added. */
export function routesKnown(app: App): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema = {}, config }) => {
    for (const one of [method].flat()) routes.push({ method: one, path: url, schema, scope: config?.scope });
  });
  return routes;
}

/** The methods that a path has, of which none is the one that was asked for; empty where it has none. */
export function methodsAt(routes: readonly RegisteredRoute[], url: string): readonly string[] {
  const asked = url.replace(/[?#].*$/, '').split('/');
  const methods = routes.filter(({ path }) => leadsTo(path.split('/'), asked)).map(({ method }) => method);
  return [...new Set(methods)].sort();
}

function leadsTo(path: readonly string[], asked: readonly string[]): boolean {
  const open = path.at(-1) === '*';
  if (open ? asked.length < path.length : asked.length !== path.length) return false;
  return path.every((part, at) => (part.startsWith(':') ? asked[at] !== '' : part === '*' || part === asked[at]));
}
