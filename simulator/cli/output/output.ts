import { type KubeObject, type ResourceName, resourceOf, tableFor } from '@slipway/kube';
import type { LoadedObject } from '../../manifests/load-manifests.ts';
import type { World } from '../../wiring/world.ts';

/** What `kubectl get all` shows, in its order, and what a reader wants to see beside it. */
const SHOWN: readonly ResourceName[] = [
  'nodes',
  'pods',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'cronjobs',
  'jobs',
  'persistentvolumeclaims',
];
/** Made by the cluster itself, or of no interest when the run is over. */
const LEFT_OUT: ReadonlySet<string> = new Set(['events', 'leases']);

/** Namespaces of the objects that were applied. */
export function namespacesOf(objects: readonly LoadedObject[]): ReadonlySet<string> {
  const namespaced = objects.filter(({ kind }) => kind.namespaced);
  return new Set(namespaced.map(({ object }) => object.metadata.namespace ?? 'default'));
}

/** Tables as `kubectl get` prints them, one per kind that has objects. */
export function tables(world: World, namespaces: ReadonlySet<string>, wide: boolean): string {
  const several = namespaces.size > 1;
  const sections: string[] = [];
  for (const resource of SHOWN) {
    const kind = resourceOf(resource);
    const objects = [...world.server.objects(resource)].filter(
      (object) => !kind?.namespaced || namespaces.has(object.metadata.namespace ?? ''),
    );
    if (objects.length === 0 || isOnlyTheApiService(objects)) continue;
    const { columns, rows } = tableFor(resource, objects.sort(byKey) as never, {
      now: world.kernel.unixMicros,
      wide,
      namespaces: several && (kind?.namespaced ?? false),
    });
    const [first = '', ...rest] = columns;
    const nameAt = columns.findIndex((column) => column.toLowerCase() === 'name');
    const group = kind?.group ? `.${kind.group}` : '';
    const prefixed = rows.map((row) => row.with(nameAt, `${kind?.singular ?? resource}${group}/${row[nameAt]}`));
    sections.push(aligned([[first, ...rest].map((column) => column.toUpperCase()), ...prefixed]));
  }
  return sections.join('\n');
}

/** Cells padded to their column, three spaces apart, as kubectl has it. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3)))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

const isOnlyTheApiService = (objects: readonly KubeObject[]): boolean =>
  objects.length === 1 && objects[0]?.kind === 'Service' && objects[0].metadata.name === 'kubernetes';

const byKey = (a: KubeObject, b: KubeObject): number => (keyText(a) < keyText(b) ? -1 : 1);
const keyText = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** The final objects as a Kubernetes List: all of the namespaces that were used, and what is cluster-wide of what was applied; nodes too. */
export function finalList(world: World, objects: readonly LoadedObject[]): object {
  const namespaces = namespacesOf(objects);
  const applied = new Set(objects.map(({ object }) => `${object.kind}/${object.metadata.name}`));
  const items: KubeObject[] = [];
  for (const { plural, namespaced } of world.server.kinds()) {
    if (LEFT_OUT.has(plural)) continue;
    for (const object of [...world.server.objects(plural)].sort(byKey)) {
      const wanted = namespaced
        ? namespaces.has(object.metadata.namespace ?? '')
        : plural === 'nodes' || applied.has(`${object.kind}/${object.metadata.name}`);
      if (wanted) items.push(object);
    }
  }
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}
