import fc from 'fast-check';
import type { Container, EnvVar, Lifecycle, Probe, VolumeMount } from '@slipway/kube';
import { arbitraryImage } from './images.ts';
import { arbitraryLabelName, arbitraryPath, arbitraryPort, arbitraryPortName, arbitraryVariableName } from './names.ts';
import { objectOf } from './object-of.ts';
import { arbitraryResources, type ResourceBounds } from './quantities.ts';

const command = fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 });

/** What a probe or a hook does. */
const actions = () => ({
  exec: objectOf({ exec: objectOf({ command }, {}) }, {}),
  httpGet: objectOf({ httpGet: objectOf({ port: fc.oneof(arbitraryPort(), arbitraryPortName()) }, { path: arbitraryPath() }) }, {}),
  tcpSocket: objectOf({ tcpSocket: objectOf({ port: fc.oneof(arbitraryPort(), arbitraryPortName()) }, {}) }, {}),
});

/** A probe. @param which only readiness may ask for several successes, and only the others have a grace period of their own */
export function arbitraryProbe(which: 'liveness' | 'readiness' | 'startup'): fc.Arbitrary<Probe> {
  const { exec, httpGet, tcpSocket } = actions();
  const grpc = objectOf({ grpc: objectOf({ port: arbitraryPort() }, { service: fc.string({ maxLength: 8 }) }) }, {});
  const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
  const pace = objectOf(
    {},
    {
      initialDelaySeconds: small(0, 30),
      timeoutSeconds: small(0, 10),
      periodSeconds: small(0, 30),
      failureThreshold: small(0, 5),
      ...(which === 'readiness' ? { successThreshold: small(1, 3) } : { terminationGracePeriodSeconds: small(1, 60) }),
    },
  );
  return fc.tuple(fc.oneof(httpGet, tcpSocket, exec, grpc), pace).map(([action, timing]) => ({ ...action, ...timing }));
}

/** Hooks after the start and before the end. */
export function arbitraryLifecycle(): fc.Arbitrary<Lifecycle> {
  const { exec, httpGet, tcpSocket } = actions();
  const sleep = objectOf({ sleep: objectOf({ seconds: fc.integer({ min: 1, max: 30 }) }, {}) }, {});
  const hook = fc.oneof(exec, httpGet, tcpSocket, sleep);
  return objectOf({}, { postStart: hook, preStop: hook });
}

/** An environment variable, with a value or a field of the pod. */
export function arbitraryEnv(): fc.Arbitrary<EnvVar> {
  const name = arbitraryVariableName();
  const fieldPath = fc.constantFrom('metadata.name', 'metadata.namespace', 'spec.nodeName', 'status.podIP');
  return fc.oneof(
    objectOf({ name }, { value: fc.string({ maxLength: 12 }) }),
    objectOf({ name, valueFrom: objectOf({ fieldRef: objectOf({ fieldPath }, {}) }, {}) }, {}),
  );
}

/** `init` runs once before the others; `sidecar` is an init container that goes on. */
export type ContainerRole = 'main' | 'init' | 'sidecar';

export interface ContainerOptions {
  /** Left out: `main`. */
  readonly role?: ContainerRole;
  /** Names of the pod's volumes, which it may mount. Left out: none. */
  readonly volumes?: readonly string[];
  readonly resources?: ResourceBounds;
}

/** A container of a pod. Its ports are distinct within it; names and ports have to be made distinct within the pod. */
export function arbitraryContainer({ role = 'main', volumes = [], resources = {} }: ContainerOptions = {}): fc.Arbitrary<Container> {
  const port = objectOf({ containerPort: arbitraryPort() }, { name: arbitraryPortName(), protocol: fc.constantFrom('TCP', 'UDP') });
  const lasting = {
    lifecycle: arbitraryLifecycle(),
    livenessProbe: arbitraryProbe('liveness'),
    readinessProbe: arbitraryProbe('readiness'),
    startupProbe: arbitraryProbe('startup'),
  };
  return objectOf(
    {
      name: arbitraryLabelName(20),
      image: arbitraryImage(),
      ...(role === 'sidecar' ? { restartPolicy: fc.constant('Always' as const) } : {}),
    },
    {
      command,
      args: command,
      env: fc.array(arbitraryEnv(), { maxLength: 3 }),
      ports: fc.uniqueArray(port, { comparator: (one, other) => clash(one, other), maxLength: 3 }),
      resources: arbitraryResources(resources),
      volumeMounts: arbitraryMounts(volumes),
      imagePullPolicy: fc.constantFrom('Always', 'IfNotPresent', 'Never'),
      securityContext: objectOf({}, { runAsUser: fc.nat({ max: 65535 }), readOnlyRootFilesystem: fc.boolean() }),
      ...(role === 'init' ? {} : lasting),
    },
  ) as fc.Arbitrary<Container>;
}

interface Port {
  readonly containerPort: number;
  readonly name?: string;
}

/** The same number whatever the protocol: on the host's network, where ports become the node's, this is the simplest that always holds. */
function clash(one: Port, other: Port): boolean {
  return one.containerPort === other.containerPort || (one.name !== undefined && one.name === other.name);
}

function arbitraryMounts(volumes: readonly string[]): fc.Arbitrary<VolumeMount[]> {
  if (volumes.length === 0) return fc.constant([]);
  const mount = objectOf({ name: fc.constantFrom(...volumes), mountPath: arbitraryPath() }, { readOnly: fc.boolean() });
  return fc.uniqueArray(mount, { selector: ({ mountPath }) => mountPath, maxLength: 3 });
}
