export type { FaultBoard } from './fault-board.ts';
