import type { TraceRecord } from '@slipway/kernel';
import { whoIsWho } from './actors.ts';
import { type Chapter, chaptersOf } from './chapters.ts';
import { Chronicle } from './chronicle.ts';
import { linesOf } from './lines.ts';
import { remainsOf } from './milestones.ts';
import { Cast, podsUnder, type Subject, subjectsOf } from './subject.ts';

/** One pod's, claim's or Service's way through the cluster. */
export interface Story {
  readonly subject: Subject;
  readonly cast: readonly { readonly name: string; readonly what: string }[];
  readonly chapters: readonly Chapter[];
  /** Looks that showed nothing new, and are not told. */
  readonly left: number;
}

/**
 * Tells the story of one subject from a kept trace.
 *
 * @param records a kept stream, with whole requests, answers and objects, such as `TraceRecorder.kept`.
 * @returns a story without chapters when the trace does not know the subject; `knownSubjects` lists those that it knows.
 */
export function explain(records: readonly TraceRecord[], subject: Subject): Story {
  const chronicle = new Chronicle(records);
  const cast = new Cast(chronicle, subject);
  const { lines, left } = linesOf(chronicle, cast);
  const chapters = chaptersOf(lines, cast, remainsOf(chronicle, cast));
  return { subject, cast: whoIsWho(chapters), chapters, left };
}

/** Names of all pods, claims or Services that the trace knows, as `namespace/name`, sorted. */
export function knownSubjects(records: readonly TraceRecord[], kind: Subject['kind']): readonly string[] {
  return subjectsOf(new Chronicle(records), kind);
}

/** Pods of a workload, as `namespace/name`, those first that were stored first. @param resource such as `deployments`; left out: of any kind */
export function knownPodsOf(records: readonly TraceRecord[], owner: string, resource?: string): readonly string[] {
  return podsUnder(new Chronicle(records), owner, resource);
}
