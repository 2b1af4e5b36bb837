import type { KubeObject } from '@slipway/kube';
import type {
  AuthoriseRequest,
  HttpMatch,
  HTTPRouteGroup,
  IdentityBinding,
  PortMatch,
  TrafficTarget,
  TrafficTargetRule,
} from '@slipway/smi';
import type { CommittedWrite } from '../../apiserver/index.ts';

/** Plurals of what decides who may reach whom. */
export const policyResources = ['traffictargets', 'httproutegroups', 'tcproutes', 'udproutes', 'identitybindings'] as const;

/** How a target came to allow a request: by which of its sources and rules, and which match of a group, counted from 0. */
export interface Allowance {
  readonly target: string;
  readonly source: number;
  readonly rule: number;
}

type Port = Pick<AuthoriseRequest, 'port' | 'protocol' | 'http'>;

/**
 * What SMI's objects say of who may reach whom: a model of its own, as plain as the spec. SMI access v1alpha3 and v1alpha4. Of versions
 * that write targets in another way it knows nothing.
 */
export class Policies {
  readonly #objects = new Map<string, Map<string, KubeObject>>(policyResources.map((resource) => [resource, new Map()]));

  write({ resource, type, object }: Pick<CommittedWrite, 'resource' | 'type' | 'object'>): void {
    const objects = this.#objects.get(resource);
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === 'DELETED') objects?.delete(key);
    else objects?.set(key, object);
  }

  /** No target, so that nothing is allowed. */
  get isEmpty(): boolean {
    return this.#objects.get('traffictargets')?.size === 0;
  }

  /** Targets in the order of their names. */
  get targets(): readonly TrafficTarget[] {
    return [...(this.#objects.get('traffictargets')?.entries() ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, target]) => target as TrafficTarget);
  }

  target(key: string): TrafficTarget | undefined {
    return this.#objects.get('traffictargets')?.get(key) as TrafficTarget | undefined;
  }

  /** Every target that allows the request. */
  allowing(request: AuthoriseRequest): readonly Allowance[] {
    return this.targets.flatMap((target) => this.allowance(target, request) ?? []);
  }

  allowance(target: TrafficTarget, request: AuthoriseRequest): Allowance | undefined {
    const { metadata, spec } = target;
    const home = metadata.namespace ?? 'default';
    const { source, destination } = request;
    const { namespace = 'default', labels } = destination.metadata;
    const account = destination.spec.serviceAccountName || 'default';
    const { destination: to, sources = [], rules = [] } = (spec ?? {}) as Partial<TrafficTarget['spec']>;
    const asked = (to as { readonly port?: number } | undefined)?.port;
    if (!source || !to || (asked !== undefined && asked !== request.port)) return undefined;
    if (!this.#isMeant(to, home, { namespace, account, labels })) return undefined;
    const from = sources.findIndex((each) =>
      this.#isMeant(each, home, { namespace: source.namespace, account: source.serviceAccount, labels: undefined }),
    );
    const rule = this.#rule(rules, home, request);
    return from < 0 || rule === undefined ? undefined : { target: `${home}/${metadata.name}`, source: from, rule };
  }

  /** Whether one of its rules describes the request: the highest position among those that were needed for that. */
  #rule(rules: readonly TrafficTargetRule[], home: string, { port, protocol, http }: Port): number | undefined {
    const first = (kind: TrafficTargetRule['kind'], fits: (rule: TrafficTargetRule) => boolean): number =>
      rules.findIndex((rule) => rule.kind === kind && fits(rule));
    const listsPort =
      (resource: string) =>
      (rule: TrafficTargetRule): boolean => {
        const route = this.#objects.get(resource)?.get(`${home}/${rule.name}`) as
          | { readonly spec?: { readonly matches?: PortMatch } }
          | undefined;
        const ports = route?.spec?.matches?.ports ?? [];
        return route !== undefined && (ports.length === 0 || ports.includes(port));
      };
    if (protocol === 'UDP') return found(first('UDPRoute', listsPort('udproutes')));
    const limits = { ports: rules.some(({ kind }) => kind === 'TCPRoute'), requests: rules.some(({ kind }) => kind === 'HTTPRouteGroup') };
    const byPort = limits.ports ? first('TCPRoute', listsPort('tcproutes')) : 0;
    const byRequest = limits.requests
      ? first('HTTPRouteGroup', (rule) => {
          const group = this.#objects.get('httproutegroups')?.get(`${home}/${rule.name}`) as HTTPRouteGroup | undefined;
          const named = rule.matches ?? [];
          const matches = (group?.spec?.matches ?? []).filter(({ name }) => named.length === 0 || named.includes(name));
          return http !== undefined && matches.some((match) => fitsMatch(http, match));
        })
      : 0;
    if ((!limits.ports && !limits.requests) || byPort < 0 || byRequest < 0) return undefined;
    return Math.max(byPort, byRequest);
  }

  #isMeant(
    { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace?: string },
    home: string,
    who: { readonly namespace: string; readonly account: string; readonly labels: Readonly<Record<string, string>> | undefined },
  ): boolean {
    if (who.namespace !== (namespace ?? home)) return false;
    if (kind === 'ServiceAccount') return name === who.account;
    const binding = this.#objects.get('identitybindings')?.get(`${who.namespace}/${name}`) as IdentityBinding | undefined;
    // Of what is bound by labels or SPIFFE ids, whoever is asked may know more than the request says.
    return kind === 'IdentityBinding' && binding?.spec.schemes.serviceAccount === who.account;
  }
}

const found = (index: number): number | undefined => (index < 0 ? undefined : index);

/** SMI specs v1alpha4, "HTTPRouteGroup": path, method and headers must all fit. */
function fitsMatch(http: NonNullable<AuthoriseRequest['http']>, { pathRegex, methods = [], headers = [] }: HttpMatch): boolean {
  const filters = (Array.isArray(headers) ? headers : [headers]).flatMap((map) => Object.entries(map as Readonly<Record<string, string>>));
  try {
    return (
      (pathRegex === undefined || new RegExp(`^(?:${pathRegex})`).test(http.path)) &&
      (methods.length === 0 || methods.includes('*') || (methods as readonly string[]).includes(http.method)) &&
      filters.every(([name, value]) => {
        const sent = http.headers[name.toLowerCase()];
        return sent !== undefined && new RegExp(value).test(sent);
      })
    );
  } catch {
    return false;
  }
}

/** The same for the same sender, receiver and request, whatever the policy. */
export function flowOf({ source, destination, port, protocol, http }: AuthoriseRequest): string {
  const { uid, labels, annotations } = destination.metadata;
  return JSON.stringify([source?.namespace, source?.serviceAccount, uid, labels, annotations, port, protocol, http]);
}
