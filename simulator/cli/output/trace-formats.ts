/** What `--trace` can write. Apart from the writer, so that the list of options loads nothing. */
export const traceFormats = ['text', 'ndjson', 'mermaid', 'perfetto', 'otel'] as const;
export type TraceFormat = (typeof traceFormats)[number];
