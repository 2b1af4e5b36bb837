import type * as apps from 'kubernetes-types/apps/v1.js';
import type * as batch from 'kubernetes-types/batch/v1.js';
import type * as coordination from 'kubernetes-types/coordination/v1.js';
import type * as core from 'kubernetes-types/core/v1.js';
import type * as discovery from 'kubernetes-types/discovery/v1.js';
import type * as meta from 'kubernetes-types/meta/v1.js';
import type * as storage from 'kubernetes-types/storage/v1.js';
import { describe, expect, it } from 'vitest';
import type * as t from './index.ts';

// The compiler is the judge here (`tsc -b` reads tests too): each line fails to compile when a field is missing or made up.
// `kubernetes-types` is generated from the OpenAPI document of 1.30; the third argument names what came since.

/** `true` when both have the same fields, else what is missing and what is made up. */
type SameFields<Ours, Theirs, Newer extends string = never, Gone extends string = never> = [
  Exclude<keyof Theirs, keyof Ours | Gone>,
  Exclude<keyof Ours, keyof Theirs | Newer>,
  Exclude<Newer, keyof Ours>,
] extends [never, never, never]
  ? true
  : {
      missing: Exclude<keyof Theirs, keyof Ours | Gone>;
      madeUp: Exclude<keyof Ours, keyof Theirs | Newer>;
      unused: Exclude<Newer, keyof Ours>;
    };

/** Objects of upstream's types fit ours, value by value, as far as texts stand for our vocabularies. */
type Loose<T> = T extends string
  ? string
  : T extends readonly (infer E)[]
    ? readonly Loose<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Loose<T[K]> }
      : T;
type Fits<Theirs, Ours> = Theirs extends Loose<Ours> ? true : false;

function holds<_Claim extends true>(): true {
  return true;
}

describe('types', () => {
  it('metadata: agrees with upstream', () => {
    expect([
      holds<SameFields<t.ObjectMeta, meta.ObjectMeta>>(),
      holds<SameFields<t.OwnerReference, meta.OwnerReference>>(),
      holds<SameFields<t.LabelSelector, meta.LabelSelector>>(),
      holds<SameFields<t.Status, meta.Status>>(),
      holds<SameFields<t.StatusDetails, meta.StatusDetails>>(),
      holds<SameFields<t.DeleteOptions, meta.DeleteOptions>>(),
      holds<SameFields<t.Condition, meta.Condition>>(),
    ]).not.toContain(false);
  });

  it('pods: agree with upstream', () => {
    expect([
      holds<SameFields<t.Pod, core.Pod>>(),
      holds<SameFields<t.PodSpec, core.PodSpec, 'hostnameOverride' | 'resources' | 'schedulingGroup'>>(),
      holds<
        SameFields<t.PodStatus, core.PodStatus, 'observedGeneration' | 'allocatedResources' | 'resources' | 'extendedResourceClaimStatus'>
      >(),
      holds<SameFields<t.PodCondition, core.PodCondition, 'observedGeneration'>>(),
      holds<SameFields<t.Container, core.Container, 'restartPolicyRules'>>(),
      holds<SameFields<t.EphemeralContainer, core.EphemeralContainer, 'restartPolicyRules'>>(),
      holds<SameFields<t.ContainerStatus, core.ContainerStatus, 'allocatedResourcesStatus' | 'user' | 'stopSignal'>>(),
      holds<SameFields<t.ContainerState, core.ContainerState>>(),
      holds<SameFields<t.ContainerStateTerminated, core.ContainerStateTerminated>>(),
      holds<SameFields<t.Probe, core.Probe>>(),
      holds<SameFields<t.Lifecycle, core.Lifecycle, 'stopSignal'>>(),
      holds<SameFields<t.LifecycleHandler, core.LifecycleHandler>>(),
      holds<SameFields<t.EnvVarSource, core.EnvVarSource, 'fileKeyRef'>>(),
      holds<SameFields<t.SecurityContext, core.SecurityContext>>(),
      holds<SameFields<t.PodSecurityContext, core.PodSecurityContext, 'supplementalGroupsPolicy' | 'seLinuxChangePolicy'>>(),
      holds<SameFields<t.Volume, core.Volume, 'image'>>(),
      holds<SameFields<t.VolumeProjection, core.VolumeProjection, 'podCertificate'>>(),
      holds<SameFields<t.VolumeMount, core.VolumeMount>>(),
      holds<SameFields<t.Affinity, core.Affinity>>(),
      holds<SameFields<t.PodAffinityTerm, core.PodAffinityTerm>>(),
      holds<SameFields<t.Toleration, core.Toleration>>(),
      holds<SameFields<t.TopologySpreadConstraint, core.TopologySpreadConstraint>>(),
      holds<SameFields<t.PodResourceClaim, core.PodResourceClaim, 'resourceClaimName' | 'resourceClaimTemplateName', 'source'>>(),
    ]).not.toContain(false);
  });

  it('nodes, services and their endpoints: agree with upstream', () => {
    expect([
      holds<SameFields<t.Node, core.Node>>(),
      holds<SameFields<t.NodeSpec, core.NodeSpec>>(),
      holds<SameFields<t.NodeStatus, core.NodeStatus, 'features' | 'declaredFeatures'>>(),
      holds<SameFields<t.NodeSystemInfo, core.NodeSystemInfo, 'swap'>>(),
      holds<SameFields<t.NodeCondition, core.NodeCondition>>(),
      holds<SameFields<t.Service, core.Service>>(),
      holds<SameFields<t.ServiceSpec, core.ServiceSpec>>(),
      holds<SameFields<t.ServicePort, core.ServicePort>>(),
      holds<SameFields<t.ServiceStatus, core.ServiceStatus>>(),
      holds<SameFields<t.Endpoints, core.Endpoints>>(),
      holds<SameFields<t.EndpointSlice, discovery.EndpointSlice>>(),
      holds<SameFields<t.Endpoint, discovery.Endpoint>>(),
      holds<SameFields<t.EndpointPort, discovery.EndpointPort>>(),
      holds<SameFields<t.Event, core.Event>>(),
      holds<SameFields<t.Lease, coordination.Lease>>(),
      holds<SameFields<t.LeaseSpec, coordination.LeaseSpec, 'strategy' | 'preferredHolder'>>(),
      holds<SameFields<t.Namespace, core.Namespace>>(),
      holds<SameFields<t.ConfigMap, core.ConfigMap>>(),
      holds<SameFields<t.Secret, core.Secret>>(),
      holds<SameFields<t.ServiceAccount, core.ServiceAccount>>(),
    ]).not.toContain(false);
  });

  it('workloads: agree with upstream', () => {
    expect([
      holds<SameFields<t.Deployment, apps.Deployment>>(),
      holds<SameFields<t.DeploymentSpec, apps.DeploymentSpec>>(),
      holds<SameFields<t.DeploymentStatus, apps.DeploymentStatus, 'terminatingReplicas'>>(),
      holds<SameFields<t.DeploymentCondition, apps.DeploymentCondition>>(),
      holds<SameFields<t.ReplicaSet, apps.ReplicaSet>>(),
      holds<SameFields<t.ReplicaSetSpec, apps.ReplicaSetSpec>>(),
      holds<SameFields<t.ReplicaSetStatus, apps.ReplicaSetStatus, 'terminatingReplicas'>>(),
      holds<SameFields<t.DaemonSet, apps.DaemonSet>>(),
      holds<SameFields<t.DaemonSetSpec, apps.DaemonSetSpec>>(),
      holds<SameFields<t.DaemonSetStatus, apps.DaemonSetStatus>>(),
      holds<SameFields<t.StatefulSetSpec, apps.StatefulSetSpec>>(),
      holds<SameFields<t.StatefulSetStatus, apps.StatefulSetStatus>>(),
      holds<SameFields<t.Job, batch.Job>>(),
      holds<SameFields<t.JobSpec, batch.JobSpec>>(),
      holds<SameFields<t.JobStatus, batch.JobStatus>>(),
      holds<SameFields<t.CronJobSpec, batch.CronJobSpec>>(),
      holds<SameFields<t.CronJobStatus, batch.CronJobStatus>>(),
    ]).not.toContain(false);
  });

  it('storage: agrees with upstream', () => {
    expect([
      holds<SameFields<t.PersistentVolumeSpec, core.PersistentVolumeSpec>>(),
      holds<SameFields<t.PersistentVolumeClaimSpec, core.PersistentVolumeClaimSpec>>(),
      holds<SameFields<t.PersistentVolumeClaimStatus, core.PersistentVolumeClaimStatus>>(),
      holds<SameFields<t.CSIPersistentVolumeSource, core.CSIPersistentVolumeSource>>(),
      holds<SameFields<t.StorageClass, storage.StorageClass>>(),
      holds<SameFields<t.VolumeAttachmentSpec, storage.VolumeAttachmentSpec>>(),
      holds<SameFields<t.VolumeAttachmentStatus, storage.VolumeAttachmentStatus>>(),
      holds<SameFields<t.CSINodeDriver, storage.CSINodeDriver>>(),
      holds<SameFields<t.CSIDriverSpec, storage.CSIDriverSpec, 'nodeAllocatableUpdatePeriodSeconds' | 'serviceAccountTokenInSecrets'>>(),
    ]).not.toContain(false);
  });

  it('values: have the same types as upstream, texts aside', () => {
    expect([
      holds<Fits<core.Probe, t.Probe>>(),
      holds<Fits<core.Affinity, t.Affinity>>(),
      holds<Fits<core.Toleration, t.Toleration>>(),
      holds<Fits<core.NodeStatus['conditions'], t.NodeStatus['conditions']>>(),
      holds<Fits<core.ServicePort, t.ServicePort>>(),
      holds<Fits<discovery.Endpoint, t.Endpoint>>(),
      holds<Fits<coordination.LeaseSpec, t.LeaseSpec>>(),
      holds<Fits<apps.DeploymentStatus, t.DeploymentStatus>>(),
      holds<Fits<batch.JobStatus, t.JobStatus>>(),
    ]).not.toContain(false);
  });
});
