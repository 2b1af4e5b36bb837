// Schemas of `types/pod-spec.ts`.

import type * as t from '../types/index.ts';
import { flag, int, list, object, once, oneOf, opt, orZero, resources, text, textMap } from './build.ts';
import { affinity, toleration, topologySpreadConstraint } from './affinity.ts';
import {
  appArmorProfile,
  container,
  ephemeralContainer,
  resourceRequirements,
  seLinuxOptions,
  seccompProfile,
  windowsSecurityContextOptions,
} from './container.ts';
import { templateMeta } from './meta.ts';
import { localObjectReference } from './reference.ts';
import { volume } from './volume.ts';
import { restartPolicy } from './vocabulary.ts';

export const podOS = once(() =>
  object<t.PodOS>({
    name: oneOf('linux', 'windows'),
  }),
);

export const hostAlias = once(() =>
  object<t.HostAlias>({
    ip: text,
    hostnames: opt(list(text)),
  }),
);

export const podDNSConfigOption = once(() =>
  object<t.PodDNSConfigOption>({
    name: opt(text),
    value: opt(text),
  }),
);

export const podDNSConfig = once(() =>
  object<t.PodDNSConfig>({
    nameservers: opt(list(text)),
    searches: opt(list(text)),
    options: opt(list(podDNSConfigOption())),
  }),
);

export const podReadinessGate = once(() =>
  object<t.PodReadinessGate>({
    conditionType: text,
  }),
);

export const podSchedulingGate = once(() =>
  object<t.PodSchedulingGate>({
    name: text,
  }),
);

export const podResourceClaim = once(() =>
  object<t.PodResourceClaim>({
    name: text,
    resourceClaimName: opt(text),
    resourceClaimTemplateName: opt(text),
  }),
);

export const podSchedulingGroup = once(() =>
  object<t.PodSchedulingGroup>({
    podGroupName: opt(text),
  }),
);

export const sysctl = once(() =>
  object<t.Sysctl>({
    name: text,
    value: text,
  }),
);

export const podSecurityContext = once(() =>
  object<t.PodSecurityContext>({
    seLinuxOptions: opt(seLinuxOptions()),
    windowsOptions: opt(windowsSecurityContextOptions()),
    runAsUser: opt(int),
    runAsGroup: opt(int),
    runAsNonRoot: opt(flag),
    supplementalGroups: opt(list(int)),
    supplementalGroupsPolicy: opt(oneOf('Merge', 'Strict')),
    fsGroup: opt(int),
    sysctls: opt(list(sysctl())),
    fsGroupChangePolicy: opt(oneOf('OnRootMismatch', 'Always')),
    seccompProfile: opt(seccompProfile()),
    appArmorProfile: opt(appArmorProfile()),
    seLinuxChangePolicy: opt(oneOf('Recursive', 'MountOption')),
  }),
);

export const podSpec = once(() =>
  object<t.PodSpec>({
    volumes: opt(list(volume())),
    initContainers: opt(list(container())),
    containers: orZero(list(container()), []),
    ephemeralContainers: opt(list(ephemeralContainer())),
    restartPolicy: opt(restartPolicy),
    terminationGracePeriodSeconds: opt(int),
    activeDeadlineSeconds: opt(int),
    dnsPolicy: opt(oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None')),
    dnsConfig: opt(podDNSConfig()),
    nodeSelector: opt(textMap),
    serviceAccountName: opt(text),
    serviceAccount: opt(text),
    automountServiceAccountToken: opt(flag),
    nodeName: opt(text),
    hostNetwork: opt(flag),
    hostPID: opt(flag),
    hostIPC: opt(flag),
    hostUsers: opt(flag),
    shareProcessNamespace: opt(flag),
    securityContext: opt(podSecurityContext()),
    imagePullSecrets: opt(list(localObjectReference())),
    hostname: opt(text),
    hostnameOverride: opt(text),
    subdomain: opt(text),
    setHostnameAsFQDN: opt(flag),
    affinity: opt(affinity()),
    schedulerName: opt(text),
    tolerations: opt(list(toleration())),
    hostAliases: opt(list(hostAlias())),
    priorityClassName: opt(text),
    priority: opt(int),
    preemptionPolicy: opt(oneOf('PreemptLowerPriority', 'Never')),
    readinessGates: opt(list(podReadinessGate())),
    runtimeClassName: opt(text),
    enableServiceLinks: opt(flag),
    overhead: opt(resources),
    topologySpreadConstraints: opt(list(topologySpreadConstraint())),
    schedulingGates: opt(list(podSchedulingGate())),
    schedulingGroup: opt(podSchedulingGroup()),
    resourceClaims: opt(list(podResourceClaim())),
    resources: opt(resourceRequirements()),
    os: opt(podOS()),
  }),
);

export const podTemplateSpec = once(() =>
  object<t.PodTemplateSpec>({
    metadata: opt(templateMeta()),
    spec: orZero(podSpec(), {}),
  }),
);
