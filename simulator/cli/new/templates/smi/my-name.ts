import type { ApiClient } from '@slipway/client';
import { codeOf, type Implementation, type Process } from '@slipway/kernel';
import type { Pod, Service, Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import {
  type AuthoriseRequest,
  type AuthoriseResponse,
  compileRouteGroup,
  compileSplit,
  type HTTPRouteGroup,
  type IdentityRequest,
  type IdentityResponse,
  type InjectRequest,
  type InjectResponse,
  type Mesh,
  type RouteRequest,
  type RouteResponse,
  SmoothRoundRobin,
  smiCrdsOf,
  SPECS_GROUP,
  SPLIT_GROUP,
  type TrafficSplit,
} from '@slipway/smi';

/** What brings a pod into the mesh: the annotation of Open Service Mesh, which SMI was tried out with. */
const INJECT = 'openservicemesh.io/sidecar-injection';
const PROXY = 'my-name-proxy';

/**
 * A small service mesh: it gives pods a proxy and an identity, and follows TrafficSplits. It has no access control and keeps no metrics.
 *
 * Admission calls `inject` for each new pod; each request through the cluster calls `route` at the sender, `authorise` at the receiver and
 * `observe` at the end. SMI 0.6.0 is an API of objects; this is what stands behind them.
 */
class MyNameMesh implements Implementation<Mesh> {
  readonly #api: ApiClient;
  /** Whose turn it is, by split and sender. */
  readonly #turns = new Map<string, SmoothRoundRobin>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  inject(request: InjectRequest): InjectResponse {
    return withProxy(request);
  }

  identity({ pod }: IdentityRequest): IdentityResponse {
    if (!isMeshed(pod)) return {};
    const { namespace = 'default' } = pod.metadata;
    const serviceAccount = pod.spec.serviceAccountName || 'default';
    return { identity: { namespace, serviceAccount, name: `${serviceAccount}.${namespace}.my-name` } };
  }

  /**
   * Which Service the request goes to in the end. It asks the API server each time, which is simple and always right; a real proxy has a
   * cache (`SharedInformers` of @slipway/client), and lags behind.
   */
  *route({ from, to, protocol, http }: RouteRequest): Process<RouteResponse> {
    if (!from || !isMeshed(from) || protocol !== 'TCP') return { to };
    const { namespace, service, port } = to;
    const splits = yield* this.#list<TrafficSplit>('trafficsplits.split.smi-spec.io', namespace);
    const split = splits.find(({ spec }) => spec.service === service);
    if (!split) return { to };
    const groups = yield* this.#list<HTTPRouteGroup>('httproutegroups.specs.smi-spec.io', namespace);
    const services = yield* this.#list<Service>('services', namespace);
    // Weights are relative; a split with a mistake is not applied at all; a backend without the port gets nothing.
    const shares = compileSplit(split).shares(
      { port, ...(http ? { http } : {}) },
      {
        routeGroup: (name) => groups.filter(({ metadata }) => metadata.name === name).map(compileRouteGroup)[0],
        ports: (name) => services.find(({ metadata }) => metadata.name === name)?.spec.ports?.map((each) => each.port),
      },
    );
    if (shares.length === 0) return { to };
    const { uid, resourceVersion, name } = split.metadata;
    const chosen = this.#turn(`${uid}/${resourceVersion}/${from.metadata.uid}/${port}`).next(shares);
    return { to: { namespace, service: chosen, port }, split: `${namespace}/${name}` };
  }

  authorise({ destination }: AuthoriseRequest): AuthoriseResponse {
    return { allowed: true, reason: `nothing guards ${destination.metadata.name}: this mesh has no access control` };
  }

  observe(): object {
    return {};
  }

  /** Each client has its own shares, so that a split is felt by everybody alike. */
  #turn(client: string): SmoothRoundRobin {
    const turn = this.#turns.get(client) ?? new SmoothRoundRobin();
    this.#turns.set(client, turn);
    return turn;
  }

  /** By name. */
  *#list<T extends Service | TrafficSplit | HTTPRouteGroup>(plural: string, namespace: string): Process<readonly Stored<T>[]> {
    try {
      return (yield* this.#api.resource<T>(plural).list({ namespace })).items;
    } catch (error) {
      // Not served: nobody has installed the definitions.
      if (codeOf(error) === 'NotFound') return [];
      throw error;
    }
  }
}

/** Adds, and changes nothing that the user wrote; a pod that has its proxy stays as it is. */
export function withProxy({ pod, namespace }: InjectRequest): InjectResponse {
  const wanted = pod.metadata.annotations?.[INJECT] ?? namespace.metadata.annotations?.[INJECT];
  if (wanted !== 'enabled') return { skipped: `no annotation ${INJECT}: enabled` };
  if (isMeshed(pod)) return { skipped: 'the pod has a proxy already' };
  const proxy = { name: PROXY, image: 'example.com/my-name-proxy:0.1.0' };
  return { pod: { ...pod, spec: { ...pod.spec, containers: [...pod.spec.containers, proxy] } } };
}

const isMeshed = ({ spec }: Pod): boolean => spec.containers.some(({ name }) => name === PROXY);

export default definePlugin({
  interface: 'smi',
  name: 'my-name',
  description: 'Proxies at admission, account identities, TrafficSplits',
  latency: { inject: '5ms..15ms', '*': 0 },
  // The kinds that this mesh understands.
  manifests: smiCrdsOf(SPECS_GROUP, SPLIT_GROUP),
  // Called once per cluster.
  create: ({ api }) => new MyNameMesh(api),
});
