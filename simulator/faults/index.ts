export { checkFault, checkNodeFault, type FaultProblem, matchCalls } from './check-fault.ts';
export {
  FaultBoard,
  type FaultSurroundings,
  type PlannedFault,
  type PlannedNodeFault,
  type PlannedPartition,
  type Revival,
  type SetFault,
} from './fault-board.ts';
export { FAULT_KINDS, type FaultKindName, faultKindOf, kindOfRestart } from './fault-kind.ts';
export { nodeOf } from './owner-pattern.ts';
export { oddsOf } from './arrows.ts';
