import {
  configMapKeyProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  envVarNameProblems,
  portNameProblems,
  portNumberProblems,
} from '../names.ts';
import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  EphemeralContainer,
  IntOrString,
  LifecycleHandler,
  Probe,
  SecurityContext,
  VolumeMount,
} from '../types/index.ts';
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notFoundValue,
  requiredValue,
  unsupportedValue,
} from './field-error.ts';
import { notNegative } from './metadata.ts';
import { validateRequirements } from './resources.ts';

// Source: `pkg/apis/core/validation/validation.go` validateContainers and what it calls.

/** What a container is checked against: the pod around it. */
export interface ContainerSurroundings {
  /** Names of the pod's volumes. */
  readonly volumes: ReadonlySet<string>;
  /** Names of containers seen so far; grows. */
  readonly names: Set<string>;
  readonly hostNetwork: boolean;
  /** Pod objects are checked more strictly than templates. */
  readonly isPodObject: boolean;
}

/** Checks one container of any sort. @param path of the container, such as `spec.containers[0]` */
export function validateContainer(container: Container, path: string, around: ContainerSurroundings): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { name, image = '' } = container;
  if (name === '') errors.push(requiredValue(`${path}.name`));
  else for (const problem of dns1123LabelProblems(name)) errors.push(invalidValue(`${path}.name`, name, problem));
  if (around.names.has(name)) errors.push(duplicateValue(`${path}.name`, name));
  around.names.add(name);
  if (image === '') errors.push(requiredValue(`${path}.image`));
  else if (around.isPodObject && image.trim() !== image) {
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  errors.push(...validatePorts(container.ports ?? [], `${path}.ports`, around.hostNetwork));
  for (const [index, variable] of (container.env ?? []).entries()) errors.push(...validateEnv(variable, `${path}.env[${index}]`));
  for (const [index, source] of (container.envFrom ?? []).entries()) errors.push(...validateEnvFrom(source, `${path}.envFrom[${index}]`));
  errors.push(...validateMounts(container, path, around.volumes));
  if (container.resources !== undefined) errors.push(...validateRequirements(container.resources, `${path}.resources`));
  const { postStart, preStop } = container.lifecycle ?? {};
  if (postStart !== undefined) errors.push(...validateHandler(postStart, `${path}.lifecycle.postStart`));
  if (preStop !== undefined) errors.push(...validateHandler(preStop, `${path}.lifecycle.preStop`));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const given = container[probe];
    if (given !== undefined) errors.push(...validateProbe(given, probe, `${path}.${probe}`));
  }
  if (container.securityContext !== undefined) errors.push(...validateSecurity(container.securityContext, `${path}.securityContext`));
  if ((container.restartPolicyRules ?? []).length > 0 && container.restartPolicy === undefined) {
    errors.push(requiredValue(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  }
  return errors;
}

/** What only sidecars may have among init containers. */
export function validateInitOnly(container: Container, path: string): readonly FieldError[] {
  if (container.restartPolicy === 'Always') return [];
  return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((field) => container[field] !== undefined)
    .map((field) => forbiddenField(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
}

/** What ephemeral containers may not have. */
export function validateEphemeralOnly(container: EphemeralContainer, path: string, targets: ReadonlySet<string>): readonly FieldError[] {
  const errors = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe', 'ports', 'resources'] as const)
    .filter((field) => container[field] !== undefined && Object.keys(container[field]).length > 0)
    .map((field) => forbiddenField(`${path}.${field}`, 'cannot be set for an Ephemeral Container'));
  const target = container.targetContainerName ?? '';
  return target === '' || targets.has(target) ? errors : [...errors, notFoundValue(`${path}.targetContainerName`, target)];
}

function validatePorts(ports: readonly ContainerPort[], path: string, hostNetwork: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, { name = '', containerPort, hostPort = 0, protocol }] of ports.entries()) {
    const at = `${path}[${index}]`;
    if (name !== '') {
      const problems = portNameProblems(name);
      for (const problem of problems) errors.push(invalidValue(`${at}.name`, name, problem));
      if (problems.length === 0 && names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(requiredValue(`${at}.containerPort`));
    else for (const problem of portNumberProblems(containerPort)) errors.push(invalidValue(`${at}.containerPort`, containerPort, problem));
    if (hostPort !== 0) for (const problem of portNumberProblems(hostPort)) errors.push(invalidValue(`${at}.hostPort`, hostPort, problem));
    if (hostNetwork && hostPort !== 0 && hostPort !== containerPort) {
      errors.push(invalidValue(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
    }
    if (protocol === undefined) errors.push(requiredValue(`${at}.protocol`));
  }
  return errors;
}

function validateEnv(variable: EnvVar, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (variable.name === '') errors.push(requiredValue(`${path}.name`));
  else for (const problem of envVarNameProblems(variable.name)) errors.push(invalidValue(`${path}.name`, variable.name, problem));
  const source = variable.valueFrom;
  if (source === undefined) return errors;
  const at = `${path}.valueFrom`;
  const count = Object.values(source).filter((member) => member !== undefined).length;
  if (count === 0) {
    const choices = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalidValue(at, '', choices));
  } else if ((variable.value ?? '') !== '') errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  for (const field of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = source[field];
    if (reference === undefined) continue;
    if (reference.key === '') errors.push(requiredValue(`${at}.${field}.key`));
    else for (const problem of configMapKeyProblems(reference.key)) errors.push(invalidValue(`${at}.${field}.key`, reference.key, problem));
  }
  if (source.fieldRef?.fieldPath === '') errors.push(requiredValue(`${at}.fieldRef.fieldPath`));
  if (source.resourceFieldRef?.resource === '') errors.push(requiredValue(`${at}.resourceFieldRef.resource`));
  return errors;
}

function validateEnvFrom({ prefix = '', configMapRef, secretRef }: EnvFromSource, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (prefix !== '') for (const problem of envVarNameProblems(prefix)) errors.push(invalidValue(`${path}.prefix`, prefix, problem));
  if (configMapRef === undefined && secretRef === undefined) {
    errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
  } else if (configMapRef !== undefined && secretRef !== undefined) {
    errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  }
  for (const [field, reference] of Object.entries({ configMapRef, secretRef })) {
    if (reference === undefined) continue;
    if (reference.name === '') errors.push(requiredValue(`${path}.${field}.name`));
    else
      for (const problem of dns1123SubdomainProblems(reference.name))
        errors.push(invalidValue(`${path}.${field}.name`, reference.name, problem));
  }
  return errors;
}

function validateMounts(
  { volumeMounts = [], volumeDevices = [] }: Container,
  path: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const devicePaths = new Set(volumeDevices.map(({ devicePath }) => devicePath));
  const mountPaths = new Set<string>();
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (mount.name === '') errors.push(requiredValue(`${at}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFoundValue(`${at}.name`, mount.name));
    if (mount.mountPath === '') errors.push(requiredValue(`${at}.mountPath`));
    if (mountPaths.has(mount.mountPath)) errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    if (devicePaths.has(mount.mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    }
    mountPaths.add(mount.mountPath);
    errors.push(...validateSubPath(mount, at));
  }
  for (const [index, device] of volumeDevices.entries()) {
    const at = `${path}.volumeDevices[${index}]`;
    if (device.name === '') errors.push(requiredValue(`${at}.name`));
    else if (!volumes.has(device.name)) errors.push(notFoundValue(`${at}.name`, device.name));
    if (device.devicePath === '') errors.push(requiredValue(`${at}.devicePath`));
  }
  return errors;
}

function validateSubPath({ subPath = '', subPathExpr = '' }: VolumeMount, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (subPath !== '') errors.push(...validateLocalPath(subPath, `${path}.subPath`));
  if (subPathExpr !== '') {
    if (subPath !== '') errors.push(invalidValue(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    errors.push(...validateLocalPath(subPathExpr, `${path}.subPathExpr`));
  }
  return errors;
}

/** A path below some folder: relative, never upwards. */
export function validateLocalPath(text: string, path: string): readonly FieldError[] {
  if (text.startsWith('/')) return [invalidValue(path, text, 'must be a relative path')];
  return text.split('/').includes('..') ? [invalidValue(path, text, "must not contain '..'")] : [];
}

function validateHandler(handler: LifecycleHandler | Probe, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { exec, httpGet, tcpSocket } = handler;
  const sleep = 'sleep' in handler ? handler.sleep : undefined;
  const grpc = 'grpc' in handler ? handler.grpc : undefined;
  const given = Object.entries({ exec, httpGet, tcpSocket, grpc, sleep }).filter(([, action]) => action !== undefined);
  for (const [name] of given.slice(1)) errors.push(forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type'));
  if (given.length === 0) errors.push(requiredValue(path, 'must specify a handler type'));
  if (exec !== undefined && (exec.command ?? []).length === 0) errors.push(requiredValue(`${path}.exec.command`));
  if (httpGet !== undefined) {
    if ((httpGet.path ?? '') === '') errors.push(requiredValue(`${path}.httpGet.path`));
    errors.push(...validatePortNumberOrName(httpGet.port, `${path}.httpGet.port`));
  }
  if (tcpSocket !== undefined) errors.push(...validatePortNumberOrName(tcpSocket.port, `${path}.tcpSocket.port`));
  if (grpc !== undefined)
    for (const problem of portNumberProblems(grpc.port)) errors.push(invalidValue(`${path}.grpc.port`, grpc.port, problem));
  return errors;
}

/** A port by number or by name. */
export function validatePortNumberOrName(port: IntOrString, path: string): readonly FieldError[] {
  const problems = typeof port === 'number' ? portNumberProblems(port) : portNameProblems(port);
  return problems.map((problem) => invalidValue(path, port, problem));
}

function validateProbe(probe: Probe, which: 'livenessProbe' | 'readinessProbe' | 'startupProbe', path: string): readonly FieldError[] {
  const errors: FieldError[] = [...validateHandler(probe, path)];
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    errors.push(...notNegative(probe[field], `${path}.${field}`));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (which !== 'readinessProbe') {
    if (grace !== undefined && grace <= 0)
      errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
    if ((probe.successThreshold ?? 1) !== 1) errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'));
  } else if (grace !== undefined) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  }
  return errors;
}

const maxId = 2 ** 31 - 1;

/** An id of a user or group. */
export function validateId(id: number | undefined, path: string): readonly FieldError[] {
  return id === undefined || (id >= 0 && id <= maxId) ? [] : [invalidValue(path, id, `must be between 0 and ${maxId}, inclusive`)];
}

function validateSecurity(security: SecurityContext, path: string): readonly FieldError[] {
  const errors: FieldError[] = [
    ...validateId(security.runAsUser, `${path}.runAsUser`),
    ...validateId(security.runAsGroup, `${path}.runAsGroup`),
  ];
  if (security.allowPrivilegeEscalation === false && security.privileged === true) {
    errors.push(invalidValue(path, security, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  const profile = security.seccompProfile;
  if (profile?.type === 'Localhost' && (profile.localhostProfile ?? '') === '') {
    errors.push(requiredValue(`${path}.seccompProfile.localhostProfile`, 'must be set when seccomp type is Localhost'));
  }
  return errors;
}

/** An error unless the value is one of those supported. */
export function oneOf<T extends string>(value: T | undefined, supported: readonly T[], path: string): readonly FieldError[] {
  if (value === undefined) return [requiredValue(path)];
  return supported.includes(value) ? [] : [unsupportedValue(path, value, supported)];
}
