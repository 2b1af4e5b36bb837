import type { Rule } from '@slipway/kernel';
import { isQuantity, type ObjectMeta, type Pod } from '@slipway/kube';
import type { Mesh } from './contract.ts';
import { METRICS_GROUP } from './kinds.ts';
import type * as m from './messages.ts';
import type { MetricName, TrafficMetrics } from './types/index.ts';

type Rules = {
  readonly [M in keyof Mesh]-?: readonly Rule<Parameters<NonNullable<Mesh[M]>>[0], ReturnType<NonNullable<Mesh[M]>>>[];
};

/** The series of SMI metrics; counts are whole numbers without a unit. */
export const METRIC_NAMES: readonly MetricName[] = [
  'p99_response_latency',
  'p90_response_latency',
  'p50_response_latency',
  'success_count',
  'failure_count',
];

/** What SMI, and admission, demand of each call. */
export const rules: Rules = {
  inject: [
    {
      id: 'smi.inject.same-pod',
      source: 'Kubernetes, "Dynamic Admission Control": a mutation keeps name and namespace',
      response: ({ pod }, { pod: injected }) => (injected ? differentMeta(pod.metadata, injected.metadata) : undefined),
    },
    {
      id: 'smi.inject.keeps-containers',
      source: 'Slipway, Mesh.inject: it adds',
      response: ({ pod }, { pod: injected }) => (injected ? missingContainer(pod, injected) : undefined),
    },
  ],
  identity: [
    {
      id: 'smi.identity.service-account',
      source: 'SMI access, "TrafficTarget": identity is the service account',
      response({ pod }, { identity }) {
        if (!identity) return undefined;
        const wanted = accountOf(pod);
        const given = `${identity.namespace}/${identity.serviceAccount}`;
        if (given !== wanted) return `the identity is of ${given}, and the pod runs as ${wanted}`;
        return identity.name === '' ? 'the identity has no name' : undefined;
      },
    },
  ],
  route: [
    { id: 'smi.route.request', source: 'SMI split, "Ports"', request: ({ to }) => invalidPortRef(to) },
    {
      id: 'smi.route.port-kept',
      source: 'SMI split, "Ports": a port of the root service is matched by the same port of the backend',
      response({ to: asked }, { to }) {
        const wrong = invalidPortRef(to);
        if (wrong !== undefined) return wrong;
        return to.port === asked.port ? undefined : `port ${asked.port} was asked for, and the answer is port ${to.port}`;
      },
    },
    {
      id: 'smi.route.split-named',
      source: 'SMI split, "Specification": only a TrafficSplit of the namespace sends a request elsewhere',
      response({ to: asked }, { to, split }) {
        if (to.namespace === asked.namespace && to.service === asked.service) return undefined;
        if (split === undefined) return `${to.namespace}/${to.service} is another Service, and no split is named`;
        return to.namespace === asked.namespace ? undefined : `a split sends to Services of its own namespace, not of ${to.namespace}`;
      },
    },
  ],
  authorise: [
    { id: 'smi.authorise.port', source: 'SMI access, "TrafficTarget"', request: ({ port }) => invalidPort(port) },
    {
      id: 'smi.authorise.reason',
      source: 'Slipway, Mesh.authorise: a decision says why',
      response: (_request, { reason }) => (reason ? undefined : 'the decision has no reason'),
    },
    {
      id: 'smi.authorise.target',
      source: 'SMI access, "Specification": policy allows and never denies',
      response: (_request, { allowed, target }) => (!allowed && target !== undefined ? `${target} denies, which no target can` : undefined),
    },
  ],
  observe: [
    {
      id: 'smi.observe.latency',
      source: 'SMI metrics, "TrafficMetrics"',
      request: ({ latency }) => (Number.isSafeInteger(latency) && latency >= 0 ? undefined : `latency ${latency} is no duration`),
    },
  ],
  metrics: [
    {
      id: 'smi.metrics.request',
      source: 'SMI metrics, "Edge": edges are listed of one resource',
      request({ resource, edges }: m.MetricsRequest) {
        if (!resource.kind) return 'the resource has no kind';
        return edges === true && !resource.name ? 'edges are those of one resource: its name is missing' : undefined;
      },
    },
    {
      id: 'smi.metrics.items',
      source: 'SMI metrics, "TrafficMetrics"',
      response: (_request, { items }) => firstOf(items, invalidItem),
    },
  ],
};

function differentMeta(sent: ObjectMeta, injected: ObjectMeta): string | undefined {
  for (const key of ['name', 'generateName', 'namespace'] as const) {
    if (sent[key] !== injected[key]) return `${key} was ${String(sent[key])} and became ${String(injected[key])}`;
  }
  return undefined;
}

function missingContainer(sent: Pod, injected: Pod): string | undefined {
  for (const list of ['initContainers', 'containers'] as const) {
    const names = new Set((injected.spec[list] ?? []).map(({ name }) => name));
    const missing = (sent.spec[list] ?? []).find(({ name }) => !names.has(name));
    if (missing) return `container ${missing.name} is gone`;
  }
  return undefined;
}

/** `namespace/name` of the account that a pod runs as. */
export function accountOf({ metadata, spec }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${spec.serviceAccountName || 'default'}`;
}

function invalidPortRef({ namespace, service, port }: m.ServicePortRef): string | undefined {
  if (!namespace || !service) return 'the Service has no namespace or no name';
  return invalidPort(port);
}

const invalidPort = (port: number): string | undefined =>
  Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : `${port} is no port`;

function invalidItem({ apiVersion, kind, metrics, window, timestamp }: TrafficMetrics): string | undefined {
  if (!apiVersion.startsWith(`${METRICS_GROUP}/`) || kind !== 'TrafficMetrics') return `${apiVersion} ${kind} is no TrafficMetrics`;
  if (!window || !timestamp) return 'an item has no window or no timestamp';
  return firstOf(metrics, ({ name, value }) => {
    if (!METRIC_NAMES.includes(name)) return `there is no metric ${name}`;
    if (!isQuantity(value)) return `${name} is ${value}, which is no quantity`;
    return name.endsWith('_count') && !/^\d+$/.test(value) ? `${name} is ${value}, which is no count` : undefined;
  });
}

function firstOf<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const wrong = check(item);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
