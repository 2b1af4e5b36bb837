export { compileExpectation } from './compile-expectation.ts';
export type { CompileOptions } from './compilation.ts';
export { EventLog, type Report } from './event-log.ts';
export type { Judge, JudgeContext, Verdict } from './judge.ts';
