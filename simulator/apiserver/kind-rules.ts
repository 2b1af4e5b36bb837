// What the strategies in `pkg/registry` do beyond defaults and validation, by plural.

import {
  type CustomResourceDefinition,
  type Deployment,
  invalid,
  isEqual,
  type Job,
  type Kind,
  type KubeObject,
  type Namespace,
  type Pod,
  resourceOf,
  type Service,
  type Stored,
  type VolumeAttachment,
  withJobSelector,
} from '@slipway/kube';
import { definitionErrors } from './custom-resources/index.ts';
import type { Machinery } from './machinery.ts';
import { prepareServiceUpdate } from './service-update.ts';
import type { Table } from './table.ts';

export interface KindRules {
  /** A status that comes with a new object is kept. */
  readonly keepsStatusOnCreate?: true;
  /** Fills in what needs the object's identity. */
  prepareCreate?(object: KubeObject, machinery: Machinery): KubeObject;
  prepareUpdate?(object: KubeObject, old: Stored<KubeObject>): KubeObject;
  /** Which change counts as one of the desired state; left out: of `spec`. */
  isGenerationChange?(object: KubeObject, old: KubeObject): boolean;
  /** Metadata that a status write may not change. */
  readonly statusKeepsLabels?: true;
  /** Takes what is unique in the cluster; the last step before the commit. */
  allocate?(object: KubeObject, old: Stored<KubeObject> | undefined, machinery: Machinery, table: Table): KubeObject;
  /** The object is stored. */
  stored?(object: Stored<KubeObject>, machinery: Machinery): void;
  /** The object is gone. */
  removed?(object: Stored<KubeObject>, machinery: Machinery): void;
}

const rules: { readonly [plural: string]: KindRules } = {
  pods: {
    prepareCreate(object, { qosClasses }) {
      const pod = object as Pod;
      const { spec } = pod;
      // Gates are seen at once, not only when the scheduler comes by. Source: `pkg/registry/core/pod/strategy.go` applySchedulingGatedCondition.
      const gated = (spec.schedulingGates?.length ?? 0) > 0;
      return {
        ...pod,
        status: {
          phase: 'Pending',
          ...(gated
            ? {
                conditions: [
                  {
                    type: 'PodScheduled',
                    status: 'False',
                    reason: 'SchedulingGated',
                    message: 'Scheduling is blocked due to non-empty scheduling gates',
                  },
                ],
              }
            : {}),
          qosClass: qosClasses.of(pod),
        },
      } as Pod;
    },
  },
  nodes: { keepsStatusOnCreate: true },
  namespaces: {
    // They change through `finalize` only.
    prepareUpdate(object, old) {
      const { spec } = old as Namespace;
      const updated: Namespace = { ...(object as Namespace), ...(spec === undefined ? {} : { spec }) };
      return updated;
    },
  },
  deployments: {
    statusKeepsLabels: true,
    // Source: `pkg/registry/apps/deployment/strategy.go`: annotations count, since rollbacks were once asked for with them.
    isGenerationChange(object, old) {
      const now = object as Deployment;
      const before = old as Deployment;
      return !isEqual(now.spec, before.spec) || !isEqual(now.metadata.annotations, before.metadata.annotations);
    },
  },
  jobs: {
    prepareCreate: (object) => withJobSelector(object as Job, object.metadata.uid ?? ''),
  },
  services: {
    prepareUpdate: (object, old) => prepareServiceUpdate(object as Service, old as Stored<Service>),
    allocate: (object, old, { serviceNumbers }, { kind }) => serviceNumbers.assign(object as Service, old as Service | undefined, kind),
    removed: (object, { serviceNumbers }) => serviceNumbers.release(object as Stored<Service>),
  },
  volumeattachments: {
    // Go writes the zero value: whoever reads `status.attached` always finds it. Source: `pkg/registry/storage/volumeattachment/strategy.go`.
    prepareCreate: (object) => ({ ...object, status: { attached: false } }) as VolumeAttachment,
  },
  customresourcedefinitions: {
    prepareCreate(object) {
      const definition = withReadableSchemas(object as CustomResourceDefinition);
      const now = definition.metadata.creationTimestamp ?? '';
      const condition = (type: string, reason: string, message: string): object => ({
        type,
        status: 'True',
        lastTransitionTime: now,
        reason,
        message,
      });
      return {
        ...definition,
        status: {
          conditions: [
            condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
            condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
          ],
          acceptedNames: definition.spec.names,
          storedVersions: definition.spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
        },
      } as CustomResourceDefinition;
    },
    // Objects of a version stay stored as they were when another becomes the one to store.
    prepareUpdate(object) {
      const definition = withReadableSchemas(object as CustomResourceDefinition);
      const { status } = definition;
      const known = status?.storedVersions ?? [];
      const added = definition.spec.versions.filter(({ storage, name }) => storage && !known.includes(name)).map(({ name }) => name);
      if (added.length === 0) return definition;
      const updated: CustomResourceDefinition = { ...definition, status: { ...status, storedVersions: [...known, ...added] } };
      return updated;
    },
    stored: (object, { registry }) => registry.serve(object as Stored<CustomResourceDefinition>),
    removed(object, { registry, store }) {
      const definition = object as Stored<CustomResourceDefinition>;
      const table = registry.find(`${definition.spec.names.plural}.${definition.spec.group}`);
      if (!table) return;
      // Upstream's finalizer customresourcecleanup empties the resource first; here it goes in the same step.
      for (const each of [...table.values()]) store.remove(table, each, 'delete');
      registry.stopServing(definition);
    },
  },
};

const none: KindRules = {};

/** @throws ApiError Invalid when objects could not be checked by the schemas. */
function withReadableSchemas(definition: CustomResourceDefinition): CustomResourceDefinition {
  const errors = definitionErrors(definition);
  const kind = resourceOf('customresourcedefinitions');
  if (errors.length > 0 && kind) throw invalid(kind, definition.metadata.name, errors);
  return definition;
}

/** Whether a kind is one of Kubernetes' own; a custom one may have a plural that is taken. */
export function isBuiltIn(kind: Kind): boolean {
  return resourceOf(kind.plural) === kind;
}

/** The rules of a kind. Custom kinds have none of their own. */
export function rulesOf({ kind }: Table): KindRules {
  return isBuiltIn(kind) ? (rules[kind.plural] ?? none) : none;
}
