import type { Service } from '@slipway/kernel';
import { matcher } from './owner-pattern.ts';

/** What `on` of a fault says: an interface, perhaps one of its services, perhaps a method. */
export interface CallPattern {
  /** Left out: every interface. */
  readonly interface?: string;
  /** Last part of the service's name: `RuntimeService`. */
  readonly service?: string;
  /** In the letters of whoever wrote it. */
  readonly method?: string;
}

type AnyService = Pick<Service<unknown>, 'interface' | 'name'> & { readonly methods: object };

/** Reads `*`, `cni`, `cni.add`, `csi.CreateVolume`, `csi.Controller/CreateVolume`, `csi.Controller/*` and `api.Update*`. */
export function callPattern(on: string): CallPattern {
  if (on === '*') return {};
  const dot = on.indexOf('.');
  if (dot === -1) return { interface: on };
  const own = { interface: on.slice(0, dot) };
  const rest = on.slice(dot + 1);
  const slash = rest.indexOf('/');
  const method = rest.slice(slash + 1);
  return {
    ...own,
    ...(slash === -1 ? {} : { service: rest.slice(0, slash) }),
    ...(method === '*' ? {} : { method }),
  };
}

/** Last part of a service's name, as traces have it: `RuntimeService`. */
export function shortName({ name }: { readonly name: string }): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Whether some method of the service is meant. Letters may be small or capital. */
export function concerns(pattern: CallPattern, service: AnyService): boolean {
  const { interface: own, service: part, method } = pattern;
  if (own !== undefined && !same(own, service.interface)) return false;
  if (part !== undefined && !same(part, shortName(service))) return false;
  const wanted = methodMatcher(pattern);
  return wanted === undefined || method === undefined || Object.keys(service.methods).some((name) => wanted(name.toLowerCase()));
}

/** Whether a method is meant, by its name in small letters; undefined where all are. */
export function methodMatcher({ method }: CallPattern): ((name: string) => boolean) | undefined {
  return method === undefined ? undefined : matcher(method.toLowerCase());
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
