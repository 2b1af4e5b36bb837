import type { HttpAttributes } from '../messages.ts';
import type { HttpMatch, HTTPRouteGroup } from '../types/index.ts';

/**
 * Whether a request fits a group: one of its matches is enough, or one of those that are named.
 *
 * @param names left out or empty: all matches; a name that the group does not have fits nothing
 */
export type RouteGroup = (http: HttpAttributes, names?: readonly string[]) => boolean;

/** The expression as SMI reads a path's: anchored at the start. Undefined for one that is no expression. SMI specs, "HTTPRouteGroup". */
export function pathExpression(text: string): RegExp | undefined {
  return expression(`^(?:${text})`);
}

/** The expression as SMI reads a header's: found anywhere in the value, unless it anchors itself. Undefined for one that is none. */
export function headerExpression(text: string): RegExp | undefined {
  return expression(text);
}

function expression(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}

/** Makes a group ready to be asked often. SMI specs, "HTTPRouteGroup", "HTTP header filters". */
export function compileRouteGroup({ spec }: HTTPRouteGroup): RouteGroup {
  const matches = (spec?.matches ?? []).map((match) => ({ name: match.name, fits: compileMatch(match) }));
  return (http, names = []) => matches.some(({ name, fits }) => (names.length === 0 || names.includes(name)) && fits(http));
}

/** Path, methods and headers must all fit; what is left out fits. An expression that is none fits nothing. */
function compileMatch({ pathRegex, methods = [], headers }: HttpMatch): (http: HttpAttributes) => boolean {
  const path = pathRegex === undefined ? undefined : pathExpression(pathRegex);
  const fields = headerEntries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value: headerExpression(value) }));
  if ((pathRegex !== undefined && !path) || fields.some(({ value }) => !value)) return () => false;
  const anyMethod = methods.length === 0 || methods.includes('*');
  const listed = new Set<string>(methods);
  return (http) =>
    (anyMethod || listed.has(http.method)) &&
    (path === undefined || path.test(http.path)) &&
    fields.every(({ name, value }) => {
      const sent = Object.hasOwn(http.headers, name) ? http.headers[name] : undefined;
      return sent !== undefined && value?.test(sent) === true;
    });
}

/** The filters of a match, whichever way they are written. */
export function headerEntries(headers: HttpMatch['headers']): readonly (readonly [name: string, expression: string])[] {
  const maps = headers === undefined ? [] : Array.isArray(headers) ? headers : [headers];
  return maps.flatMap((map) => Object.entries(map as Readonly<Record<string, string>>));
}

/** Whether a request fits a group; see `RouteGroup`. */
export function matchesHttp(http: HttpAttributes, group: HTTPRouteGroup, names?: readonly string[]): boolean {
  return compileRouteGroup(group)(http, names);
}
