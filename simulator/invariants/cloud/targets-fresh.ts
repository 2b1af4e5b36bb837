import type { ServiceNodesRequest, ServiceRequest } from '@slipway/cpi';
import type { Host } from '@slipway/host';
import type { Node, Service } from '@slipway/kube';
import type { Exchange, Invariant } from '../invariant.ts';

const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** What Go's strconv.ParseBool takes for false. */
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
/** Keeps a node out from the next look on that there is, which it does not set off itself. */
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

interface Told {
  readonly title: string;
  readonly nodes: readonly string[];
  readonly driver: string;
}

/**
 * What providers were last told with success, and what they then told their cloud or were shown by it, against the nodes. Whether a node is
 * ready is for the balancer's own health checks.
 */
export const targetsFresh: Invariant = {
  id: 'CPI-08',
  name: 'targets-fresh',
  kind: 'L',
  holds: 'balancer targets become exactly the eligible nodes',
  watch: ({ server, nodes: machines }, { violated, met }) => {
    const told = new Map<string, Told>();
    /** By provider id, the machine that a node of it stood for when it was first seen. Another one may come up under the same name and node. */
    const standing = new Map<string, { readonly name: string; readonly host: Host | undefined }>();
    const isGone = (id: string): boolean => {
      const known = standing.get(id);
      return known?.host !== undefined && machines.get(known.name)?.host !== known.host;
    };
    const stands = (id: string): boolean => machines.has(standing.get(id)?.name ?? '') && !isGone(id);
    /** Targets in the cloud by balancer, and whose call set or saw them. */
    const targets = new Map<string, { readonly ids: readonly string[]; readonly actor: string }>();
    const note = ({ call, answer, ok }: Exchange): void => {
      if (!ok) return;
      const { service, nodes } = call.full as ServiceNodesRequest;
      const title = `Service ${service.metadata.namespace}/${service.metadata.name}`;
      told.set(service.metadata.uid, { title, nodes: nodes.map(({ metadata }) => metadata.name), driver: answer.actor });
    };
    const aim = ({ call, ok }: Exchange): void => {
      const { name, targets: ids } = call.full as { readonly name: string; readonly targets?: readonly string[] };
      if (ok && ids) targets.set(name, { ids, actor: call.actor });
    };
    return {
      resources: ['nodes'],
      write({ object }) {
        const { metadata, spec } = object as unknown as Node;
        if (!spec?.providerID) return;
        const id = idOf(spec.providerID);
        if (!standing.has(id)) standing.set(id, { name: metadata.name, host: machines.get(metadata.name)?.host });
      },
      answered: {
        'cpi.LoadBalancer/EnsureLoadBalancer': note,
        'cpi.LoadBalancer/UpdateLoadBalancer': note,
        'cpi.LoadBalancer/EnsureLoadBalancerDeleted'({ call, ok }) {
          if (ok) told.delete((call.full as ServiceRequest).service.metadata.uid);
        },
        'cloud.CloudApi/CreateLoadBalancer': aim,
        'cloud.CloudApi/ModifyLoadBalancer': aim,
        // A cloud takes out what is gone by itself.
        'cloud.CloudApi/DescribeLoadBalancers'({ call, answer, ok }) {
          if (!ok) return;
          const { loadBalancers } = answer.full as {
            readonly loadBalancers: readonly { readonly name: string; readonly targets?: readonly string[] }[];
          };
          const { names: asked = [...targets.keys()] } = call.full as { readonly names?: readonly string[] };
          for (const name of asked) if (!loadBalancers.some((there) => there.name === name)) targets.delete(name);
          for (const { name, targets: ids } of loadBalancers) if (ids && targets.has(name)) targets.set(name, { ids, actor: call.actor });
        },
        'cloud.CloudApi/DeleteLoadBalancer'({ call, ok }) {
          if (ok) targets.delete((call.full as { readonly name: string }).name);
        },
      },
      afterCalm() {
        if (told.size === 0) return;
        const must = new Map<string, string>();
        const may = new Set<string>();
        const allowed = new Set<string>();
        for (const object of server.objects('nodes')) {
          const { metadata, spec } = object as unknown as Node;
          if (metadata.deletionTimestamp !== undefined || isExcluded(metadata.labels?.[EXCLUDE])) continue;
          may.add(metadata.name);
          const { providerID } = spec ?? {};
          allowed.add(idOf(providerID ?? ''));
          if (!spec?.taints?.some(({ key }) => key === TO_BE_DELETED)) must.set(metadata.name, providerID ?? '');
        }
        for (const object of server.objects('services')) {
          const { spec } = object as unknown as Service;
          const { uid, deletionTimestamp } = object.metadata;
          const known = told.get(uid);
          if (!known || spec.type !== 'LoadBalancer' || deletionTimestamp !== undefined) continue;
          met();
          const missing = [...must.keys()].filter((name) => !known.nodes.includes(name)).sort();
          const stray = known.nodes.filter((name) => !may.has(name)).sort();
          if (missing.length + stray.length > 0)
            violated(`${known.driver} was last told of other nodes for ${known.title}: ${differences(missing, stray)}`, known.title);
        }
        for (const [name, { ids: now, actor }] of targets) {
          // A machine that is gone can be no target and gets no traffic: only those that still stand count.
          const missing = [...must.values()].map(idOf).filter((id) => id !== '' && !now.includes(id) && !isGone(id));
          const stray = now.filter((id) => !allowed.has(id) && stands(id));
          if (missing.length + stray.length > 0)
            violated(
              `${actor} leaves balancer ${name} with other targets than there are nodes: ${differences(missing.sort(), stray.sort())}`,
              `balancer ${name}`,
            );
        }
      },
    };
  },
};

/** Last part of a provider id. */
const idOf = (providerId: string): string => providerId.slice(providerId.lastIndexOf('/') + 1);

const isExcluded = (value: string | undefined): boolean => value !== undefined && !FALSE.has(value);

function differences(missing: readonly string[], stray: readonly string[]): string {
  const parts = [
    missing.length > 0 ? `without ${missing.join(', ')}` : '',
    stray.length > 0 ? `with ${stray.join(', ')}, which it must not have` : '',
  ];
  return parts.filter(Boolean).join('; ');
}
