export { INTERFACES } from './call-ledger.ts';
export type { Attempt, MakeAttempt } from './attempt.ts';
export { aboutOf, ARROWS, type Arrow, faultStep, type Injection } from './injection.ts';
export { scenarioText, stepLine, type WrittenFault } from './scenario-text.ts';
export { NotHere } from './not-here.ts';
export { type Injected, StepSession } from './step-session.ts';
export type { Around, CallStop, ExpectationStop, Outcome, StepStop, Stop } from './stop.ts';
