import type { Micros, Process } from '@slipway/kernel';
import type { ScenarioCluster } from '../cluster.ts';
import type { Variables } from '../variables.ts';
import type { EventLog } from './event-log.ts';

/** What became of an expectation. */
export interface Verdict {
  readonly held: boolean;
  /**
   * What was found: the nearest object and the first field that differs, the answer to a request. Empty where there is nothing to say.
   * Put into words when it is read, from what was there at the time.
   */
  readonly message: string;
}

export interface JudgeContext {
  readonly cluster: Pick<ScenarioCluster, 'kernel' | 'server' | 'user' | 'nodes' | 'traffic'>;
  readonly variables: Variables;
  /** Events of the API as they were reported, with the time of each report. */
  readonly events: EventLog;
  /** Only what happened since then counts, where a claim is about something that happens. */
  readonly since: Micros;
}

/** A claim that is ready to be judged. */
export type Judge =
  | {
      /** Looks at objects. */
      readonly sort: 'state';
      /** Plurals of the kinds that it reads: it has to be judged anew only when one of these has changed. */
      readonly kinds: ReadonlySet<string>;
      judge(context: JudgeContext): Verdict;
    }
  | {
      /** Has to do something in the world to find out. */
      readonly sort: 'probe';
      probe(context: JudgeContext): Process<Verdict>;
    };
