import type {
  Container,
  ContainerPort,
  EphemeralContainer,
  EnvVar,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  PullPolicy,
} from '../types/index.ts';
import { change, each, fill } from './sharing.ts';

// Source: `pkg/apis/core/v1/defaults.go`.

/** Defaults of a container in a pod or a template. */
export function defaultContainer<C extends Container | EphemeralContainer>(container: C): C {
  // The casts only name the members' own type again: TypeScript does not reduce `C['x']` for a generic C.
  let result: Container = fill<Container>(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: container.imagePullPolicy ?? defaultPullPolicy(container.image ?? ''),
  });
  result = change(result, 'ports', (ports) => each(ports, defaultPort));
  result = change(result, 'livenessProbe', defaultProbe);
  result = change(result, 'readinessProbe', defaultProbe);
  result = change(result, 'startupProbe', defaultProbe);
  result = change(result, 'lifecycle', defaultLifecycle);
  result = change(result, 'env', (env) => each(env, defaultEnv));
  return result as C;
}

/** `Always` for the tag `latest`, given or understood, else `IfNotPresent`. */
export function defaultPullPolicy(image: string): PullPolicy {
  if (image === '') return 'IfNotPresent';
  const at = image.indexOf('@');
  const withoutDigest = at < 0 ? image : image.slice(0, at);
  const name = withoutDigest.slice(withoutDigest.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  const tag = colon < 0 ? (at < 0 ? 'latest' : '') : name.slice(colon + 1);
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultPort(port: ContainerPort): ContainerPort {
  return fill<ContainerPort>(port, { protocol: 'TCP' });
}

function defaultEnv(variable: EnvVar): EnvVar {
  return change(variable, 'valueFrom', (source) => change(source, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })));
}

function defaultProbe(probe: Probe): Probe {
  let result = fill<Probe>(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  // Upstream also counts a zero as not given.
  if (result.timeoutSeconds === 0) result = { ...result, timeoutSeconds: 1 };
  if (result.periodSeconds === 0) result = { ...result, periodSeconds: 10 };
  if (result.successThreshold === 0) result = { ...result, successThreshold: 1 };
  if (result.failureThreshold === 0) result = { ...result, failureThreshold: 3 };
  result = change(result, 'httpGet', defaultHttpGet);
  return change(result, 'grpc', (grpc) => fill(grpc, { service: '' }));
}

function defaultHttpGet(action: HTTPGetAction): HTTPGetAction {
  const result = fill<HTTPGetAction>(action, { path: '/', scheme: 'HTTP' });
  return result.path === '' ? { ...result, path: '/' } : result;
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  const handler = (hook: LifecycleHandler): LifecycleHandler => change(hook, 'httpGet', defaultHttpGet);
  return change(change(lifecycle, 'postStart', handler), 'preStop', handler);
}
