import type { PodSpec } from '../types/index.ts';

/** One column of `kubectl get`. */
export interface Column<T> {
  /** As the API server says it; kubectl shows it in capitals. */
  readonly name: string;
  /** 1 shows only in wide tables. */
  readonly priority: 0 | 1;
  /** @param now microseconds since the epoch, for ages */
  cell(object: T, now: number): string;
}

/** A column that always shows. */
export function column<T>(name: string, cell: (object: T, now: number) => string | number | undefined): Column<T> {
  return { name, priority: 0, cell: (object, now) => String(cell(object, now) ?? '') };
}

/** A column of wide tables. */
export function wide<T>(name: string, cell: (object: T, now: number) => string | number | undefined): Column<T> {
  return { name, priority: 1, cell: (object, now) => String(cell(object, now) ?? '') };
}

export const none = '<none>';
export const unset = '<unset>';

/** The text, or `<none>` for an empty or absent one. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? none : text;
}

/** Names of a template's containers. */
export function containerNames(spec: PodSpec | undefined): string {
  return (spec?.containers ?? []).map(({ name }) => name).join(',');
}

/** Images of a template's containers. */
export function containerImages(spec: PodSpec | undefined): string {
  return (spec?.containers ?? []).map(({ image }) => image ?? '').join(',');
}
