import { differingPaths, isSemanticallyEqual } from '../equality.ts';
import { dns1123LabelProblems, dns1123SubdomainProblems, isIPv4, isIPv6, qualifiedNameProblems } from '../names.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, Toleration } from '../types/index.ts';
import { type ContainerSurroundings, oneOf, validateContainer, validateEphemeralOnly, validateId, validateInitOnly } from './container.ts';
import { duplicateValue, type FieldError, forbiddenField, invalidValue, requiredValue } from './field-error.ts';
import { immutableDetail, notNegative, validateLabels, validateTemplateMeta } from './metadata.ts';
import { validateAffinity, validateSpread, validateTolerations } from './placement.ts';
import { validateAmount, validateRequirements } from './resources.ts';
import { validateVolumes } from './volume.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidatePodSpec, ValidatePodCreate, ValidatePodUpdate.

const maxInt32 = 2 ** 31 - 1;

/** Checks a pod that is to be made. */
export function validatePod(pod: Pod): readonly FieldError[] {
  const errors: FieldError[] = [...validatePodSpec(pod.spec, 'spec', true)];
  if ((pod.spec.ephemeralContainers ?? []).length > 0) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  if ((pod.spec.schedulingGates ?? []).length > 0 && (pod.spec.nodeName ?? '') !== '') {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}

/** Checks the template of a workload. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): readonly FieldError[] {
  const errors: FieldError[] = [
    ...validateTemplateMeta(template.metadata, `${path}.metadata`),
    ...validatePodSpec(template.spec, `${path}.spec`, false),
  ];
  if ((template.spec.ephemeralContainers ?? []).length > 0) {
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  }
  return errors;
}

export function validatePodSpec(spec: PodSpec, path: string, isPodObject: boolean): readonly FieldError[] {
  const volumes = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  const around: ContainerSurroundings = {
    volumes: volumes.names,
    names: new Set(),
    hostNetwork: spec.hostNetwork === true,
    isPodObject,
  };
  return [...volumes.errors, ...validateContainers(spec, path, around), ...validateRunning(spec, path), ...validatePlacement(spec, path)];
}

function validateContainers(spec: PodSpec, path: string, around: ContainerSurroundings): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (spec.containers.length === 0) errors.push(requiredValue(`${path}.containers`));
  for (const [index, container] of spec.containers.entries()) {
    errors.push(...validateContainer(container, `${path}.containers[${index}]`, around));
  }
  errors.push(...validateHostPorts(spec.containers, `${path}.containers`));
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const at = `${path}.initContainers[${index}]`;
    errors.push(...validateContainer(container, at, around), ...validateInitOnly(container, at));
  }
  const targets = new Set(spec.containers.map(({ name }) => name));
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = `${path}.ephemeralContainers[${index}]`;
    errors.push(...validateContainer(container, at, around), ...validateEphemeralOnly(container, at, targets));
  }
  return errors;
}

function validateHostPorts(containers: readonly Container[], path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const claimed = new Set<string>();
  for (const [index, { ports }] of containers.entries()) {
    for (const [position, { hostPort = 0, hostIP = '', protocol = 'TCP' }] of (ports ?? []).entries()) {
      if (hostPort === 0) continue;
      const claim = `${protocol}/${hostIP}/${hostPort}`;
      if (claimed.has(claim)) errors.push(duplicateValue(`${path}[${index}].ports[${position}].hostPort`, claim));
      claimed.add(claim);
    }
  }
  return errors;
}

function validateRunning(spec: PodSpec, path: string): readonly FieldError[] {
  const errors: FieldError[] = [
    ...oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${path}.restartPolicy`),
    ...oneOf(spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], `${path}.dnsPolicy`),
    ...notNegative(spec.terminationGracePeriodSeconds, `${path}.terminationGracePeriodSeconds`),
    ...validateId(spec.securityContext?.runAsUser, `${path}.securityContext.runAsUser`),
    ...validateId(spec.securityContext?.runAsGroup, `${path}.securityContext.runAsGroup`),
    ...validateId(spec.securityContext?.fsGroup, `${path}.securityContext.fsGroup`),
  ];
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32)) {
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${maxInt32}, inclusive`));
  }
  if (spec.dnsPolicy === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0) {
    errors.push(requiredValue(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    if (!isIPv4(ip) && !isIPv6(ip)) {
      errors.push(invalidValue(`${path}.hostAliases[${index}].ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
    }
  }
  for (const field of ['hostname', 'subdomain'] as const) {
    const name = spec[field] ?? '';
    if (name !== '') for (const problem of dns1123LabelProblems(name)) errors.push(invalidValue(`${path}.${field}`, name, problem));
  }
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field] ?? '';
    if (name !== '') for (const problem of dns1123SubdomainProblems(name)) errors.push(invalidValue(`${path}.${field}`, name, problem));
  }
  if (spec.resources !== undefined) errors.push(...validateRequirements(spec.resources, `${path}.resources`));
  for (const [resource, amount] of Object.entries(spec.overhead ?? {})) {
    errors.push(...validateAmount(resource, amount, `${path}.overhead[${resource}]`));
  }
  return errors;
}

function validatePlacement(spec: PodSpec, path: string): readonly FieldError[] {
  const errors: FieldError[] = [
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
  ];
  if (spec.affinity !== undefined) errors.push(...validateAffinity(spec.affinity, `${path}.affinity`));
  for (const [index, gate] of (spec.readinessGates ?? []).entries()) {
    const at = `${path}.readinessGates[${index}].conditionType`;
    for (const problem of qualifiedNameProblems(gate.conditionType)) errors.push(invalidValue(at, gate.conditionType, problem));
  }
  const gates = new Set<string>();
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    const at = `${path}.schedulingGates[${index}]`;
    for (const problem of qualifiedNameProblems(name)) errors.push(invalidValue(at, name, problem));
    if (gates.has(name)) errors.push(duplicateValue(at, name));
    gates.add(name);
  }
  return errors;
}

/** Checks a change of a pod: nearly all of the spec is fixed once it exists. */
export function validatePodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  const [spec, oldSpec] = [pod.spec, old.spec];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list] ?? []).length !== (oldSpec[list] ?? []).length) {
      return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
  }
  errors.push(...validateDeadlineUpdate(spec.activeDeadlineSeconds, oldSpec.activeDeadlineSeconds));
  errors.push(...validateTolerationUpdate(spec.tolerations ?? [], oldSpec.tolerations ?? []));
  errors.push(...validateGateUpdate(spec, oldSpec));
  const gated = (oldSpec.schedulingGates ?? []).length > 0;
  if (gated) errors.push(...validateGatedUpdate(spec, oldSpec));
  const allowed = withAllowedChanges(spec, oldSpec, gated);
  if (!isSemanticallyEqual(spec, allowed)) {
    const changed = differingPaths(spec, allowed)
      .map((path) => `spec.${path}`)
      .join(', ');
    errors.push(
      forbiddenField(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n' +
          `changed: ${changed}`,
      ),
    );
  }
  return errors;
}

/** The old spec with the changes that are allowed taken over from the new one; anything else then shows as a difference. */
function withAllowedChanges(spec: PodSpec, old: PodSpec, gated: boolean): PodSpec {
  const images = (containers: readonly Container[], from: readonly Container[]): readonly Container[] =>
    containers.map((container, index) => {
      const image = from[index]?.image;
      return image === undefined ? container : { ...container, image };
    });
  const takeOver: (keyof PodSpec)[] = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'];
  if (gated) takeOver.push('nodeSelector', 'affinity');
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1)
    takeOver.push('terminationGracePeriodSeconds');
  const taken = Object.fromEntries(takeOver.map((field) => [field, spec[field]]));
  return {
    ...old,
    containers: images(old.containers, spec.containers),
    ...(old.initContainers === undefined ? {} : { initContainers: images(old.initContainers, spec.initContainers ?? []) }),
    ...taken,
  };
}

function validateDeadlineUpdate(deadline: number | undefined, old: number | undefined): readonly FieldError[] {
  if (deadline === old || old === undefined) return [];
  const path = 'spec.activeDeadlineSeconds';
  if (deadline === undefined) return [invalidValue(path, undefined, 'must not update from a positive integer to nil value')];
  return deadline > old ? [invalidValue(path, deadline, 'must be less than or equal to previous value')] : [];
}

function validateTolerationUpdate(tolerations: readonly Toleration[], old: readonly Toleration[]): readonly FieldError[] {
  // Only how long a toleration lasts may change in one that exists.
  const same = (a: Toleration, b: Toleration): boolean =>
    isSemanticallyEqual({ ...a, tolerationSeconds: undefined }, { ...b, tolerationSeconds: undefined });
  const kept = old.every((toleration) => tolerations.some((other) => same(other, toleration)));
  return kept ? [] : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateGateUpdate({ schedulingGates = [] }: PodSpec, { schedulingGates: oldGates = [] }: PodSpec): readonly FieldError[] {
  return schedulingGates.some(({ name }) => !oldGates.some((old) => old.name === name))
    ? [forbiddenField('spec.schedulingGates', 'only deletion is allowed, but found new scheduling gates')]
    : [];
}

/** While it is gated a pod's choice of nodes may become narrower, never wider. */
function validateGatedUpdate(spec: PodSpec, old: PodSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const selector = spec.nodeSelector ?? {};
  if (Object.entries(old.nodeSelector ?? {}).some(([key, value]) => selector[key] !== value)) {
    errors.push(invalidValue('spec.nodeSelector', selector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'));
  }
  const path = 'spec.affinity';
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    if (!isSemanticallyEqual(spec.affinity?.[field], old.affinity?.[field])) {
      errors.push(invalidValue(`${path}.${field}`, spec.affinity?.[field], immutableDetail));
    }
  }
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const terms = spec.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms ?? [];
  const oldTerms = old.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms ?? [];
  const at = `${path}.nodeAffinity.${required}.nodeSelectorTerms`;
  if (oldTerms.length > 0 && terms.length !== oldTerms.length) {
    return [...errors, invalidValue(at, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  for (const [index, term] of oldTerms.entries()) {
    const keeps = (['matchExpressions', 'matchFields'] as const).every((list) =>
      (term[list] ?? []).every((wanted, position) => isSemanticallyEqual(terms[index]?.[list]?.[position], wanted)),
    );
    if (!keeps) errors.push(invalidValue(`${at}[${index}]`, terms[index], 'only additions are allowed (no mutations or deletions)'));
  }
  return errors;
}
