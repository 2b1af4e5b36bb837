import type { Micros, Scalar } from '@slipway/kernel';
import type { ExpectationResult } from '../scenario/watching.ts';

/** A call of an interface that is on its way: sent, and not delivered yet. */
export interface CallStop {
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
export interface StepStop {
  readonly sort: 'step';
  readonly at: Micros;
  readonly seq: number;
  /** On one line: `powerOff: node-1`. */
  readonly text: string;
}

/** An expectation has been decided. */
export interface ExpectationStop {
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

/** What has happened to a call at which the run stood before. */
export interface Outcome {
  readonly call: CallStop;
  readonly at: Micros;
  /** Who answered, or at whom the fault struck. */
  readonly actor: string;
  /** `answer`: data begins with OK or the code of the error. `fault`: what went wrong on the way. */
  readonly kind: 'answer' | 'fault';
  readonly data: readonly Scalar[];
  /** Trace event. */
  readonly seq: number;
  /** The error's message; empty for success. */
  readonly message: string;
}
