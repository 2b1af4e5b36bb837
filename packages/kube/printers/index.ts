import type { KindMap, ResourceName } from '../kinds.ts';
import type { KubeObject } from '../types/index.ts';
import {
  configMapColumns,
  eventColumns,
  leaseColumns,
  namespaceColumns,
  nodeColumns,
  priorityClassColumns,
  secretColumns,
  serviceAccountColumns,
  quotaColumns,
} from './cluster.ts';
import { type Column, column } from './column.ts';
import { podColumns } from './pod.ts';
import { endpointSliceColumns, endpointsColumns, serviceColumns } from './service.ts';
import { age, name } from './shared.ts';
import {
  attachmentColumns,
  budgetColumns,
  claimColumns,
  csiDriverColumns,
  csiNodeColumns,
  storageClassColumns,
  volumeColumns,
} from './storage.ts';
import { cronJobColumns, daemonSetColumns, deploymentColumns, jobColumns, replicaSetColumns, statefulSetColumns } from './workload.ts';

export type { Column } from './column.ts';
export { type PodSummary, podSummary } from './pod.ts';
export { isDefaultStorageClass } from './storage.ts';

/** A table as `kubectl get` shows it, headers not yet in capitals. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface TableOptions {
  /** Microseconds since the epoch, for ages. */
  readonly now: number;
  /** Also the columns of `-o wide`. */
  readonly wide?: boolean;
  /** A first column with the namespace, as `--all-namespaces` has it. */
  readonly namespaces?: boolean;
}

const columnsOf: { readonly [R in ResourceName]?: () => readonly Column<KindMap[R]>[] } = {
  pods: podColumns,
  nodes: () => nodeColumns,
  namespaces: () => namespaceColumns,
  services: () => serviceColumns,
  serviceaccounts: () => serviceAccountColumns,
  configmaps: () => configMapColumns,
  secrets: () => secretColumns,
  events: () => eventColumns,
  endpoints: () => endpointsColumns,
  endpointslices: () => endpointSliceColumns,
  leases: () => leaseColumns,
  deployments: () => deploymentColumns,
  replicasets: () => replicaSetColumns,
  daemonsets: () => daemonSetColumns,
  statefulsets: () => statefulSetColumns,
  jobs: () => jobColumns,
  cronjobs: () => cronJobColumns,
  persistentvolumes: () => volumeColumns,
  persistentvolumeclaims: () => claimColumns,
  storageclasses: () => storageClassColumns,
  volumeattachments: () => attachmentColumns,
  csinodes: () => csiNodeColumns,
  csidrivers: () => csiDriverColumns,
  priorityclasses: () => priorityClassColumns,
  poddisruptionbudgets: () => budgetColumns,
  resourcequotas: () => quotaColumns,
};

const namespaceColumn: Column<KubeObject> = column('Namespace', ({ metadata }) => metadata.namespace);

/**
 * The table of some objects of one resource, in the order given.
 *
 * @param plural the resource; one without columns of its own shows name and age
 */
export function tableFor<R extends ResourceName>(plural: R, objects: readonly KindMap[R][], options: TableOptions): Table;
export function tableFor(plural: string, objects: readonly KubeObject[], options: TableOptions): Table;
export function tableFor(plural: string, objects: readonly KubeObject[], options: TableOptions): Table {
  const make = Object.hasOwn(columnsOf, plural) ? columnsOf[plural as ResourceName] : undefined;
  // The table pairs each plural with columns of its own type; the objects are of that plural.
  const own = (make?.() ?? [name, age]) as readonly Column<KubeObject>[];
  const shown = [...(options.namespaces === true ? [namespaceColumn] : []), ...own].filter(
    ({ priority }) => priority === 0 || options.wide === true,
  );
  return {
    columns: shown.map((entry) => entry.name),
    rows: objects.map((object) => shown.map((entry) => entry.cell(object, options.now))),
  };
}
