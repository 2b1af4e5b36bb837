// The trace: one stream of events that feeds the command, tests, invariants and pictures.
export { fullTraceLine, traceLine } from './line.ts';
export { mermaid, MermaidSequence, mermaidText } from './mermaid.ts';
export { otel, otelText, type OtelSpan, type OtelTraces } from './otel.ts';
export { perfetto, perfettoText, type TraceEvent, type TraceEvents } from './perfetto.ts';
export { TraceRecorder } from './recorder.ts';
export { textLine } from './text.ts';
