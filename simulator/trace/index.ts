// The trace: one stream of events that feeds the command, tests, invariants and pictures.
export { fullTraceLine, traceLine } from './line.ts';
export { mermaid } from './mermaid.ts';
export { TraceRecorder } from './recorder.ts';
export { story } from './story.ts';
export { textLine } from './text.ts';
