import { type Kind, kindOf, type KubeObject, qualifiedResource, type Stored } from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';

/** All objects of a kind; none while nobody serves it, as before its definition is applied. */
export function objectsOf(server: ApiServer, kind: Kind): readonly Stored<KubeObject>[] {
  const resource = servedAs(server, kind);
  return resource === undefined ? [] : [...server.objects(resource)];
}

/** The object of this name, if there is one. */
export function objectNamed(server: ApiServer, kind: Kind, namespace: string | undefined, name: string): Stored<KubeObject> | undefined {
  const resource = servedAs(server, kind);
  return resource === undefined ? undefined : server.peek(resource, namespace, name);
}

/** The name under which the server has a kind; undefined while it has none, for asking then would be an error. */
function servedAs(server: ApiServer, kind: Kind): string | undefined {
  if (kindOf(kind.apiVersion, kind.kind)) return kind.plural;
  // Two definitions may share a plural, so that only the group tells them apart.
  const isServed = server.kinds().some(({ group, plural }) => group === kind.group && plural === kind.plural);
  return isServed ? qualifiedResource(kind) : undefined;
}

/** `default/web`, or the name alone: what stands after the kind in messages. */
export function nameOf({ metadata: { namespace, name } }: Pick<KubeObject, 'metadata'>): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** `Pod default/web`. */
export function titleOf(object: KubeObject): string {
  return `${object.kind} ${nameOf(object)}`;
}

/** What there is instead: `there is default/a, default/b and 3 more`. */
export function othersText({ plural }: Pick<Kind, 'plural'>, others: readonly KubeObject[]): string {
  return others.length === 0 ? `there are no ${plural} at all` : `there is ${fewOf(others.map(nameOf))}`;
}

/** A list for people: at most five, sorted, and how many more there are. */
export function fewOf(names: readonly string[]): string {
  const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
  return `${sorted.slice(0, 5).join(', ')}${sorted.length > 5 ? ` and ${sorted.length - 5} more` : ''}`;
}
