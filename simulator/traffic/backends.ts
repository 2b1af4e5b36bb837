import { type EndpointSlice, type ServicePort, type Stored, workloadLabels } from '@slipway/kube';
import type { ClusterView } from './cluster-view.ts';

/** One endpoint's port of a Service. */
export interface Backend {
  readonly ip: string;
  readonly port: number;
  readonly node: string | undefined;
  /** `namespace/name` of the pod behind it. */
  readonly pod: string | undefined;
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

/** Who may be chosen: those that are ready, and those that only still serve while they end. */
export interface Candidates {
  readonly ready: readonly Backend[];
  /** Serving and terminating: used only where nobody is ready (KEP-1669). */
  readonly ending: readonly Backend[];
}

/** The endpoints of one port of a Service, sorted by address and grouped as kube-proxy asks for them. */
export class Backends implements Candidates {
  readonly ready: readonly Backend[];
  readonly ending: readonly Backend[];
  /** How many there are in whatever state. */
  readonly total: number;
  #byNode: Map<string, Candidates> | undefined;
  #byZone: ReadonlyMap<string, readonly Backend[]> | undefined;
  #byHintedNode: ReadonlyMap<string, readonly Backend[]> | undefined;

  constructor(slices: readonly Stored<EndpointSlice>[], { name = '', protocol = 'TCP' }: ServicePort) {
    const ready: Backend[] = [];
    const ending: Backend[] = [];
    let total = 0;
    for (const { addressType, endpoints, ports = [], metadata } of slices) {
      if (addressType === 'FQDN') continue;
      const port = ports.find((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol)?.port;
      if (port === undefined) continue;
      for (const { addresses, conditions = {}, nodeName, targetRef, hints } of endpoints ?? []) {
        // kube-proxy takes the first address only (`pkg/proxy/endpointslicecache.go`).
        const [ip] = addresses;
        if (ip === undefined) continue;
        total += 1;
        const backend: Backend = {
          ip,
          port,
          node: nodeName,
          pod: targetRef?.kind === 'Pod' ? `${targetRef.namespace ?? metadata.namespace}/${targetRef.name}` : undefined,
          forZones: hints?.forZones?.map((zone) => zone.name) ?? [],
          forNodes: hints?.forNodes?.map((node) => node.name) ?? [],
        };
        const { ready: isReady = true, terminating = false } = conditions;
        if (isReady) ready.push(backend);
        else if (terminating && (conditions.serving ?? false)) ending.push(backend);
      }
    }
    this.ready = unique(ready);
    this.ending = unique(ending);
    this.total = total;
  }

  /** Those on one node. */
  on(node: string): Candidates {
    this.#byNode ??= this.#groupByNode();
    return this.#byNode.get(node) ?? NOBODY;
  }

  /**
   * Those that hints leave to a node: its own where every ready endpoint names nodes, else its zone's; all of them where hints are
   * missing or leave nobody. Source: `pkg/proxy/topology.go` CategorizeEndpoints.
   */
  near(node: string, zone: string | undefined): readonly Backend[] {
    this.#byHintedNode ??= hinted(this.ready, ({ forNodes }) => forNodes);
    this.#byZone ??= hinted(this.ready, ({ forZones }) => forZones);
    return this.#byHintedNode.get(node) ?? (zone === undefined ? undefined : this.#byZone.get(zone)) ?? this.ready;
  }

  #groupByNode(): Map<string, Candidates> {
    const groups = new Map<string, { ready: Backend[]; ending: Backend[] }>();
    for (const kind of ['ready', 'ending'] as const) {
      for (const backend of this[kind]) {
        if (backend.node === undefined) continue;
        const group = groups.get(backend.node) ?? { ready: [], ending: [] };
        groups.set(backend.node, group);
        group[kind].push(backend);
      }
    }
    return groups;
  }
}

const NOBODY: Candidates = { ready: [], ending: [] };

/** By what they are hinted for; empty unless every one has a hint. */
function hinted(backends: readonly Backend[], hintsOf: (backend: Backend) => readonly string[]): ReadonlyMap<string, readonly Backend[]> {
  const groups = new Map<string, Backend[]>();
  for (const backend of backends) {
    const hints = hintsOf(backend);
    if (hints.length === 0) return new Map();
    for (const hint of hints) {
      const group = groups.get(hint);
      if (group) group.push(backend);
      else groups.set(hint, [backend]);
    }
  }
  return groups;
}

export const backendKey = ({ ip, port }: Backend): string => `${ip}:${port}`;

/** By address, each once: two slices may list one endpoint while the controller moves it. */
function unique(backends: readonly Backend[]): readonly Backend[] {
  const byKey = new Map(backends.map((backend) => [backendKey(backend), backend]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend);
}

/** Endpoints by Service and port, made when first asked for after a change. */
export class BackendIndex {
  readonly #view: ClusterView;
  readonly #known = new Map<string, Map<string, Backends>>();

  constructor(view: ClusterView) {
    this.#view = view;
    view.slices.onChange((_event, old, now) => {
      for (const slice of [old, now]) {
        const service = slice?.metadata.labels?.[workloadLabels.serviceName];
        if (service !== undefined) this.#known.delete(`${slice?.metadata.namespace}/${service}`);
      }
    });
  }

  /** @param service `namespace/name` */
  of(service: string, port: ServicePort): Backends {
    let ports = this.#known.get(service);
    if (!ports) this.#known.set(service, (ports = new Map()));
    const key = `${port.name ?? ''}/${port.protocol ?? 'TCP'}`;
    let backends = ports.get(key);
    if (!backends) ports.set(key, (backends = new Backends(this.#view.slices.byIndex('service', service), port)));
    return backends;
  }
}
