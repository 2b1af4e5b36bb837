import { type ApiClient, type ApiServer, apiClient, apiServer, runController, type WatchEvent } from '@slipway/client';
import { type Implementation, Kernel, link, type Owner, type Process, sleep, Stream } from '@slipway/kernel';
import { ApiError, type Event, type KubeObject, keyOf, kindOf, type Pod, type Stored } from '@slipway/kube';
import type { Plugin, PluginContext } from '@slipway/plugin';
import type { MeshSubject } from '../conformance.ts';
import { smiKindOf, smiKinds } from '../kinds.ts';
import type { MeshServices } from '../plugin.ts';
import { mesh } from '../service.ts';

type ListenerOf = { readonly resource: string; readonly stream: Stream<WatchEvent> };

/** A stand-in for the API server: keeps what it is given, lists and watches. The real one is part of the simulator. */
class Objects {
  readonly #objects = new Map<string, Map<string, Stored<KubeObject>>>();
  readonly #history: { readonly resource: string; readonly revision: number; readonly event: WatchEvent }[] = [];
  readonly #watches = new Set<ListenerOf>();
  #revision = 1;

  all(resource: string): readonly Stored<KubeObject>[] {
    return [...(this.#objects.get(resource)?.values() ?? [])];
  }

  put(resource: string, object: KubeObject): Stored<KubeObject> {
    const table = this.#objects.get(resource) ?? new Map<string, Stored<KubeObject>>();
    this.#objects.set(resource, table);
    const old = table.get(keyOf(object));
    this.#revision += 1;
    const metadata = {
      uid: old?.metadata.uid ?? `uid-${this.#revision}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      resourceVersion: String(this.#revision),
    };
    const stored: Stored<KubeObject> = { ...object, metadata };
    table.set(keyOf(object), stored);
    this.#tell(resource, { type: old ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  remove(resource: string, object: KubeObject): void {
    const old = this.#objects.get(resource)?.get(keyOf(object));
    if (!old) return;
    this.#objects.get(resource)?.delete(keyOf(object));
    this.#revision += 1;
    this.#tell(resource, { type: 'DELETED', object: { ...old, metadata: { ...old.metadata, resourceVersion: String(this.#revision) } } });
  }

  /** The verbs that controllers use; others are not there. */
  server(unserved: readonly string[]): Partial<Implementation<ApiServer>> {
    return {
      list: ({ resource: name, namespace }) => {
        const resource = unqualified(name);
        if (unserved.includes(resource)) throw new ApiError('NotFound', 'the server could not find the requested resource');
        const items = this.all(resource).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
        return { items, resourceVersion: String(this.#revision) };
      },
      watch: ({ resource: name, resourceVersion }) => {
        const resource = unqualified(name);
        const stream = new Stream<WatchEvent>();
        const listener = { resource, stream };
        for (const past of this.#history) {
          if (past.resource === resource && past.revision > Number(resourceVersion ?? 0)) stream.offer(past.event);
        }
        this.#watches.add(listener);
        stream.onClose = () => void this.#watches.delete(listener);
        return stream;
      },
      create: ({ resource, object }) => this.put(unqualified(resource), object),
    };
  }

  #tell(resource: string, event: WatchEvent): void {
    this.#history.push({ resource, revision: this.#revision, event });
    for (const { stream, resource: watched } of this.#watches) if (watched === resource) stream.offer(event);
  }
}

/** `trafficsplits` of `trafficsplits.split.smi-spec.io`: no two kinds here share a plural. */
const unqualified = (resource: string): string => resource.split('.', 1)[0] ?? resource;

const pluralOf = (object: KubeObject): string => {
  const own = smiKindOf(object);
  const plural = own === undefined ? kindOf(object.apiVersion, object.kind)?.plural : smiKinds.find(({ kind }) => kind === own)?.plural;
  if (plural === undefined) throw new ApiError('NotFound', `no ${object.kind} here`);
  return plural;
};

/** A mesh, its control plane, and objects for them to see. */
export class MeshWorld {
  readonly kernel = new Kernel({ seed: 'mesh' });
  readonly objects = new Objects();
  readonly test: Owner = this.kernel.owner('test');
  readonly #meshOwner = this.kernel.owner('mesh');
  readonly breaches: string[] = [];
  readonly client;
  readonly services: MeshServices;
  readonly #unserved: readonly string[];

  /**
   * @param spoil changes what the plugin made, for bugs that cases shall find
   * @param unserved resources that the API server does not know
   */
  constructor(
    plugin: Plugin<'smi', never>,
    options: unknown = {},
    spoil: (good: MeshServices) => MeshServices = (good) => good,
    unserved: readonly string[] = [],
  ) {
    const { kernel } = this;
    this.#unserved = unserved;
    kernel.events.on('breach', ({ side, rule, message }) => void (side === 'plugin' && this.breaches.push(`${rule}: ${message}`)));
    const parsed = plugin.options?.safeParse(options);
    if (parsed && !parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('; '));
    const context = (owner: Owner): PluginContext<never> => ({
      options: (parsed ? parsed.data : {}) as never,
      api: this.api(owner),
      ids: kernel.ids,
      random: kernel.random(owner.name),
      now: () => kernel.now,
      sleep,
      log: (message) => void kernel.record('log', owner.name, 'plugin', undefined, [message]),
      promised: () => {
        throw new Error('no promises here');
      },
    });
    this.services = spoil(plugin.create(context(this.#meshOwner)));
    this.client = link(this.services, {
      service: mesh,
      from: this.test,
      to: this.#meshOwner,
      ...(plugin.latency ? { latency: plugin.latency } : {}),
    });
    const agent = this.kernel.owner('mesh-agent');
    const definition = plugin.agent?.(context(agent));
    if (definition) runController(definition, { api: this.api(agent), owner: agent });
  }

  api(owner: Owner): ApiClient {
    return apiClient(
      link(this.objects.server(this.#unserved) as Implementation<ApiServer>, {
        service: apiServer,
        from: owner,
        to: this.kernel.owner('api'),
      }),
    );
  }

  put(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.objects.put(pluralOf(object), object);
    this.pass(1_000);
  }

  remove(object: KubeObject): void {
    this.objects.remove(pluralOf(object), object);
    this.pass(1_000);
  }

  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.test, 'step', process);
  }

  pass(micros: number): void {
    this.run(sleep(micros));
  }

  /** `reason: message` of each event, in the order of their names. */
  get events(): readonly string[] {
    return (this.objects.all('events') as readonly Stored<Event>[]).map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** For the conformance cases. */
  subject(more: Pick<MeshSubject, 'can' | 'balance'> = {}): MeshSubject {
    return {
      mesh: this.client,
      put: async (object) => this.put(object),
      remove: async (object) => this.remove(object),
      settle: (process) => this.kernel.completeAsync(this.test, 'case', process),
      random: this.kernel.random('cases'),
      ...more,
    };
  }
}

/** Names of all containers, in the order in which they start. */
export const names = (pod: Pod): readonly string[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
