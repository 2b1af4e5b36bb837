export { checkFault, type FaultProblem, matchCalls } from './check-fault.ts';
export { FaultBoard, type PlannedFault, type PlannedPartition, type Revival, type SetFault } from './fault-board.ts';
export { nodeOf } from './owner-pattern.ts';
