import { type Pod, type Stored } from '@slipway/kube';

// Completion indexes of Indexed Jobs. Source: `pkg/controller/job/indexed_job_utils.go`.

/** Annotation and label of a pod; the number that the pod works on. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Annotations of a pod: how often its index had failed before, and how often that did not count. */
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
export const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** The pod's index when it is one of `completions`. */
export function indexOf({ metadata }: Pick<Stored<Pod>, 'metadata'>, completions: number): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index < completions ? index : undefined;
}

export function countOf({ metadata }: Pick<Pod, 'metadata'>, annotation: typeof FAILURE_COUNT | typeof IGNORED_FAILURE_COUNT): number {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/** `0,2-4,6`: sorted numbers with runs written as ranges. What is not below `completions` is dropped. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    for (let index = Number(match[1]); index <= last; index++) indexes.add(index);
  }
  return indexes;
}

/** The inverse of `parseIndexes`; empty for none. Two neighbours are written as a list, three and more as a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] ?? 0;
    let last = first;
    while (sorted[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    at += 1;
    if (last - first >= 2) parts.push(`${first}-${last}`);
    else for (let index = first; index <= last; index++) parts.push(String(index));
  }
  return parts.join(',');
}

/** The lowest indexes that nobody has taken. */
export function firstPending(count: number, completions: number, isTaken: (index: number) => boolean): readonly number[] {
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++) if (!isTaken(index)) pending.push(index);
  return pending;
}
