import type { Kernel } from '@slipway/kernel';
import type { KindMap, ResourceName, Stored } from '@slipway/kube';
import {
  AdmissionChain,
  type AdmissionView,
  builtInPlugins,
  builtInPodSpecPlugins,
  type MutatingWebhook,
  ResourceQuotas,
} from './admission/index.ts';
import { Identity } from './identity.ts';
import type { ApiServerOptions } from './options.ts';
import { QosClasses } from './qos-classes.ts';
import { ResourceRegistry } from './resource-registry.ts';
import { ServiceNumbers } from './service-numbers.ts';
import { Store } from './store.ts';

/** What the steps of a write share. */
export interface Machinery {
  readonly kernel: Kernel;
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly admission: AdmissionChain;
  /** Missing when the plug-in ResourceQuota is left out. */
  readonly quotas: ResourceQuotas | undefined;
  readonly webhooks: MutatingWebhook[];
  readonly view: AdmissionView;
  readonly identity: Identity;
  readonly serviceNumbers: ServiceNumbers;
  readonly qosClasses: QosClasses;
}

export function makeMachinery(kernel: Kernel, actor: string, options: ApiServerOptions): Machinery {
  const store = new Store(kernel, { actor, freeze: options.freeze ?? false });
  const registry = new ResourceRegistry(store);
  const identity = new Identity(kernel);
  const view: AdmissionView = {
    get: <P extends ResourceName>(plural: P, namespace: string | undefined, name: string) =>
      registry.table(plural).get(namespace, name) as Stored<KindMap[P]> | undefined,
    list: <P extends ResourceName>(plural: P, namespace?: string) =>
      registry.table(plural).values(namespace) as Iterable<Stored<KindMap[P]>>,
    version: (plural) => registry.table(plural).version,
    random: kernel.random('apiserver/admission'),
    timestamp: () => identity.timestamp(),
  };
  const without = new Set(options.withoutAdmission ?? []);
  const used = <P extends { readonly name: string }>(plugins: readonly P[]): readonly P[] =>
    plugins.filter(({ name }) => !without.has(name));
  return {
    kernel,
    store,
    registry,
    identity,
    view,
    admission: new AdmissionChain([...used(builtInPlugins), ...(options.admission ?? [])], used(builtInPodSpecPlugins), view),
    quotas: without.has('ResourceQuota') ? undefined : new ResourceQuotas(store, () => registry.table('resourcequotas')),
    qosClasses: new QosClasses(),
    webhooks: [...(options.webhooks ?? [])],
    serviceNumbers: new ServiceNumbers({
      cidr: options.serviceCidr ?? '10.96.0.0/12',
      nodePorts: options.nodePortRange ?? { first: 30_000, last: 32_767 },
      random: kernel.random('apiserver/services'),
    }),
  };
}
