import {
  ageOf,
  type Column,
  type CustomResourceDefinition,
  type KubeObject,
  parseTime,
  type Table,
  type TableOptions,
} from '@slipway/kube';
import { parseJsonPath, valuesAt } from './json-path.ts';

type Given = NonNullable<CustomResourceDefinition['spec']['versions'][number]['additionalPrinterColumns']>[number];

/**
 * The columns of `kubectl get` for a custom kind: the name, then the definition's own, or the age where it has none. Source:
 * apiextensions `registry/customresource/tableconvertor/tableconvertor.go`.
 *
 * @param apiVersion the version whose columns are wanted
 */
export function printerColumns({ spec }: CustomResourceDefinition, apiVersion: string): readonly Column<KubeObject>[] {
  const version = spec.versions.find(({ name }) => `${spec.group}/${name}` === apiVersion);
  const given = version?.additionalPrinterColumns ?? [];
  const own = given.length === 0 ? [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }] : given;
  return [{ name: 'Name', priority: 0, cell: ({ metadata }) => metadata.name }, ...own.map(columnOf)];
}

/** The table of some objects, in the order given; see `tableFor` of `@slipway/kube`. */
export function printed(columns: readonly Column<KubeObject>[], objects: readonly KubeObject[], options: TableOptions): Table {
  const namespace: Column<KubeObject> = { name: 'Namespace', priority: 0, cell: ({ metadata }) => metadata.namespace ?? '' };
  const shown = [...(options.namespaces === true ? [namespace] : []), ...columns].filter(
    ({ priority }) => priority === 0 || options.wide === true,
  );
  return {
    columns: shown.map(({ name }) => name),
    rows: objects.map((object) => shown.map(({ cell }) => cell(object, options.now))),
  };
}

function columnOf({ name, type, priority = 0, jsonPath }: Given): Column<KubeObject> {
  const path = parseJsonPath(jsonPath);
  return {
    name,
    priority: priority > 0 ? 1 : 0,
    // A path that leads to several values shows the first.
    cell: (object, now) => (path ? cellOf(valuesAt(path, object)[0], type, now) : ''),
  };
}

/** A value of another type than the column's shows nothing. */
function cellOf(value: unknown, type: string, now: number): string {
  if (value === undefined || value === null) return '';
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (type === 'integer') return typeof value === 'number' ? String(Math.trunc(value)) : '';
  if (type === 'number') return typeof value === 'number' ? String(value) : '';
  if (type === 'boolean') return typeof value === 'boolean' ? String(value) : '';
  if (type !== 'date' || typeof value !== 'string') return '';
  return parseTime(value) === undefined ? '<invalid>' : ageOf(value, now);
}
