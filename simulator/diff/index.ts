// Two runs compared: aligned by cause, then what differs and since when.
export { alignRuns, type Alignment, type Pair } from './align-runs.ts';
export { type CallDifferences, callDifferences } from './call-differences.ts';
export { diffRuns, type KeptRun, type RunDiff } from './diff-runs.ts';
export { firstDifference, type FirstDifference } from './first-difference.ts';
export { type DiffReport, diffReport } from './json.ts';
export { type ObjectDifference, objectDifferences } from './object-differences.ts';
export type { SideTitle } from './sides.ts';
export { diffText } from './text.ts';
