import type { ApiClient } from '@slipway/client';
import { type Implementation, type Micros, type Process, seconds, self } from '@slipway/kernel';
import { containerStatus, formatTime, type Pod } from '@slipway/kube';
import type { Mesh } from '../../contract.ts';
import type * as m from '../../messages.ts';
import { allowed } from '../../semantics/index.ts';
import { Balancer } from './balancer.ts';
import { policyOf, skipsProxy } from './inbound-policy.ts';
import { Injector } from './inject.ts';
import { metricsOf, splitMetrics } from './metrics.ts';
import type { LinkerdOptions } from './options.ts';
import { TrafficWindow } from './traffic-window.ts';
import { MeshView } from './view.ts';
import { identityName, PROXY } from './words.ts';

/** What it needs of its world. */
export interface LinkerdSetup {
  readonly options: LinkerdOptions;
  readonly api: ApiClient;
  now(): Micros;
}

/** Source: linkerd2 viz and smi-metrics, queries over `[30s]`. */
const WINDOW = seconds(30);

/**
 * The injector and the proxies. The proxies' configuration is a cache that they fill themselves when the first of them is asked; the
 * control plane beside them (`agent`) shares nothing with it, so that either can crash alone.
 */
export class LinkerdMesh implements Implementation<Mesh> {
  readonly #setup: LinkerdSetup;
  readonly #injector: Injector;
  readonly #balancer = new Balancer();
  readonly #traffic = new TrafficWindow(WINDOW);
  #view: MeshView | undefined;

  constructor(setup: LinkerdSetup) {
    this.#setup = setup;
    this.#injector = new Injector(setup.options);
  }

  inject(request: m.InjectRequest): m.InjectResponse {
    return this.#injector.inject(request);
  }

  identity({ pod }: m.IdentityRequest): m.IdentityResponse {
    return isMeshed(pod) && isProxyUp(pod) ? { identity: identityOf(pod) } : {};
  }

  route(request: m.RouteRequest): m.RouteResponse | Process<m.RouteResponse> {
    const { from, to, protocol } = request;
    // Linkerd's proxies carry TCP alone; a sender without one knows nothing of splits.
    if (!from || protocol !== 'TCP' || !isMeshed(from)) return { to };
    return this.#with((view) => this.#route(view, from, request));
  }

  authorise(request: m.AuthoriseRequest): m.AuthoriseResponse | Process<m.AuthoriseResponse> {
    const { source, destination, port, protocol } = request;
    if (!isMeshed(destination)) return { allowed: true, reason: `${destination.metadata.name} is not in the mesh` };
    if (skipsProxy(destination, port)) return { allowed: true, reason: `port ${port} goes past the proxy` };
    if (protocol !== 'TCP') return { allowed: true, reason: 'the proxy carries TCP alone' };
    const policy = policyOf(destination.metadata.annotations, this.#setup.options.defaultInboundPolicy);
    if (policy === 'all-unauthenticated') return { allowed: true, reason: 'default inbound policy all-unauthenticated' };
    if (policy === 'all-authenticated' && source) return { allowed: true, reason: 'default inbound policy all-authenticated' };
    if (!source) return { allowed: false, reason: `default inbound policy ${policy}: the client has no identity` };
    return this.#with((view) => {
      const { namespace, serviceAccount, name } = identityOf(destination);
      const verdict = allowed({ ...request, destination: { namespace, serviceAccount } }, view.targetsFor(namespace, serviceAccount), view);
      if (verdict.allowed) return { ...verdict, reason: `TrafficTarget ${verdict.target} allows it` };
      return { allowed: false, reason: `default inbound policy ${policy}: no TrafficTarget lets ${source.name} reach ${name} like this` };
    });
  }

  observe(request: m.ObserveRequest): m.Empty {
    this.#traffic.observe(this.#setup.now(), request);
    return {};
  }

  *metrics(request: m.MetricsRequest): Process<m.MetricsResponse> {
    const { resource } = request;
    const { kernel } = yield* self();
    const view = yield* this.#ready();
    const moment = { timestamp: formatTime(kernel.unixMicros), window: '30s' };
    const flows = [...this.#traffic.flows(this.#setup.now())];
    if (resource.kind !== 'TrafficSplit') return { items: metricsOf(request, flows, moment) };
    const named = resource.name ? view.split(resource.namespace ?? 'default', resource.name) : undefined;
    const splits = resource.name ? (named ? [named] : []) : view.splits(resource.namespace);
    return { items: splits.flatMap((split) => splitMetrics(split, flows, moment)) };
  }

  #route(view: MeshView, from: NonNullable<m.RouteRequest['from']>, { to, http }: m.RouteRequest): m.RouteResponse {
    const { namespace, service, port } = to;
    const found = view.splitOf(namespace, service);
    if (!found) return { to };
    const { split, compiled } = found;
    const shares = compiled.shares({ port, ...(http ? { http } : {}) }, view.surroundings(namespace));
    if (shares.length === 0) return { to };
    const chosen = this.#balancer.next(split, `${from.metadata.uid}:${port}`, shares);
    return { to: { namespace, service: chosen, port }, split: `${namespace}/${split.metadata.name}` };
  }

  /** Answers at once where the proxies have their configuration, as nearly always. */
  #with<R>(answer: (view: MeshView) => R): R | Process<R> {
    const view = this.#view;
    return view?.ready === true && view.owner.alive ? answer(view) : this.#later(answer);
  }

  *#later<R>(answer: (view: MeshView) => R): Process<R> {
    return answer(yield* this.#ready());
  }

  *#ready(): Process<MeshView> {
    // Whoever answers owns the caches: a mesh that has crashed and come again fills new ones.
    const { owner } = yield* self();
    if (!this.#view?.owner.alive) this.#view = new MeshView(this.#setup.api, owner);
    const view = this.#view;
    if (!view.ready) yield* view.wait();
    return view;
  }
}

function identityOf({ metadata, spec }: Pod): m.Identity {
  const { namespace = 'default' } = metadata;
  const serviceAccount = spec.serviceAccountName || 'default';
  return { namespace, serviceAccount, name: identityName(serviceAccount, namespace) };
}

/** Whether a pod has a proxy. */
function isMeshed({ spec }: Pod): boolean {
  const isProxy = ({ name }: { readonly name: string }): boolean => name === PROXY;
  return spec.containers.some(isProxy) || spec.initContainers?.some(isProxy) === true;
}

/** A proxy is ready once it has its certificate. */
function isProxyUp(pod: Pod): boolean {
  return containerStatus(pod, PROXY)?.ready === true;
}
