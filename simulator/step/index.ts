export type { Attempt, MakeAttempt } from './attempt.ts';
export { ARROWS, type Arrow, faultStep, type Injection } from './injection.ts';
export { scenarioText, stepLine, type WrittenFault } from './scenario-text.ts';
export { type Injected, NotHere, StepSession } from './step-session.ts';
export type { Around, CallStop, ExpectationStop, Outcome, StepStop, Stop } from './stop.ts';
