import type { Micros, Scalar } from '@slipway/kernel';
import type { ExpectationResult } from '../scenario/watching.ts';

/** What is the same in every run of a session. */
interface Identified {
  /**
   * Which call of this caller, method and subject it is, or which step or expectation. Its place among other stops says less: a fault that
   * is set keeps its link from leaving out idle looks, which may change who comes first within an instant.
   */
  readonly id: string;
}

/** A call of an interface that is on its way: sent, and not delivered yet. */
export interface CallStop extends Identified {
  readonly sort: 'call';
  readonly at: Micros;
  /** Trace event of the sending. */
  readonly seq: number;
  /** `cni.Plugin/Add`. */
  readonly name: string;
  readonly caller: string;
  /** As traces name it: `default/web-0`, `vol-1`. */
  readonly subject: string | undefined;
  readonly data: readonly Scalar[];
  readonly request: unknown;
}

/** Somebody does what the scenario says. */
export interface StepStop extends Identified {
  readonly sort: 'step';
  readonly at: Micros;
  readonly seq: number;
  /** On one line: `powerOff: node-1`. */
  readonly text: string;
}

/** An expectation has been decided. */
export interface ExpectationStop extends Identified {
  readonly sort: 'expectation';
  readonly at: Micros;
  readonly result: ExpectationResult;
}

/** A call that is being answered while another is made. */
export interface Around {
  readonly name: string;
  readonly subject: string | undefined;
}

/** A moment at which a stepped run can stand still. */
export type Stop = CallStop | StepStop | ExpectationStop;

/** What has come of a call or step at which the run stood before. */
export interface Outcome {
  readonly of: CallStop | StepStop;
  readonly at: Micros;
  /** Who answered, or at whom the fault struck. */
  readonly actor: string;
  /** `answer`: data begins with OK or the code of the error. `fault`: what went wrong on the way. `failure`: of a step. */
  readonly kind: 'answer' | 'fault' | 'failure';
  readonly data: readonly Scalar[];
  /** Trace event. */
  readonly seq: number;
  /** Of the error or failure; empty for success. */
  readonly message: string;
}
