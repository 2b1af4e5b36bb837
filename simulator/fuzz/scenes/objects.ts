import type { Manifest } from './scene.ts';

// Small objects of which scenes are made. All pods run simulated images, and ask for little.

type Fields = Readonly<Record<string, unknown>>;

interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  /** Of the container. */
  readonly container?: Fields;
  /** Of the pod, beside its containers. */
  readonly spec?: Fields;
}

const server = (container: Fields = {}): Fields => ({ name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80 }], ...container });

/** A container that stays and hears its signal. */
export const sleeper: Fields = {
  image: 'busybox:1.36',
  command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'],
  ports: [],
};

function template(app: string, { labels, annotations, container, spec }: PodOptions): Fields {
  return {
    metadata: { labels: { app, ...labels }, ...(annotations ? { annotations } : {}) },
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [server(container)] },
  };
}

export function pod(name: string, options: PodOptions = {}): Manifest {
  const { metadata, spec } = template(name, options) as { readonly metadata: Fields; readonly spec: Fields };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...named(name, options.namespace), ...metadata }, spec };
}

/** Its rolling update takes a pod away before it makes another: so many machines are enough as it has replicas. */
export function deployment(name: string, replicas: number, options: PodOptions & { readonly of?: Fields } = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: named(name, options.namespace),
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      ...options.of,
      template: template(name, options),
    },
  };
}

export function statefulSet(name: string, replicas: number, options: PodOptions & { readonly of?: Fields } = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: named(name, options.namespace),
    spec: { replicas, serviceName: name, selector: { matchLabels: { app: name } }, ...options.of, template: template(name, options) },
  };
}

export function job(name: string, command: string, spec: Fields = {}): Manifest {
  const container = { image: 'busybox:1.36', command: ['sh', '-c', command], ports: [] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { ...spec, template: template(name, { container, spec: { restartPolicy: 'Never' } }) },
  };
}

export function service(name: string, app: string, spec: Fields = {}, namespace?: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named(name, namespace),
    spec: { selector: { app }, ports: [{ name: 'http', port: 80 }], ...spec },
  };
}

export function claim(name: string, spec: Fields = {}): Manifest {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: claimSpec(spec) };
}

export const claimSpec = (spec: Fields = {}): Fields => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
  ...spec,
});

/** What a pod says to have a volume at /data. */
export const withVolume = (source: Fields): Pick<PodOptions, 'container' | 'spec'> => ({
  container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
  spec: { volumes: [{ name: 'data', ...source }] },
});

export function budget(app: string, spec: Fields): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app },
    spec: { selector: { matchLabels: { app } }, ...spec },
  };
}

export const named = (name: string, namespace?: string): Fields => ({ name, ...(namespace === undefined ? {} : { namespace }) });
