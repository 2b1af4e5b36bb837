import type { Scalar, TraceRecord } from '@slipway/kernel';
import { hashText } from '@slipway/kernel';

/** `AnyValue` of OpenTelemetry, as OTLP/JSON writes it: 64-bit integers are text. */
type AnyValue = { readonly stringValue: string } | { readonly intValue: string };

export interface OtelSpan {
  /** 32 hexadecimal digits: one for everything that follows from one beginning. */
  readonly traceId: string;
  /** 16 hexadecimal digits, never zero. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: 1 | 3;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: AnyValue }[];
  /** 1 OK, 2 error; nothing for what cannot fail. */
  readonly status: { readonly code?: 1 | 2; readonly message?: string };
}

export interface OtelTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: AnyValue }[] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly OtelSpan[] }[];
  }[];
}

/** 2026-01-01T00:00:00Z in Unix microseconds: where a world's time begins unless it is told otherwise. */
const EPOCH = 1_767_225_600_000_000;

/**
 * A whole trace as OpenTelemetry traces, in the JSON form of OTLP (opentelemetry-proto, `ExportTraceServiceRequest`; "OTLP/HTTP", "JSON
 * Protobuf Encoding"). Each actor is a service. A call is a client's span; writes, decisions, faults and logs are spans without length.
 * A span's parent is what it follows from, so that one trace holds everything that one beginning led to.
 *
 * @param epoch Unix microseconds of virtual time 0.
 */
export function otel(records: readonly TraceRecord[], epoch = EPOCH): OtelTraces {
  const answers = new Map<number, TraceRecord>();
  for (const record of records) if (record.kind === 'answer') answers.set(record.cause, record);
  const last = records.at(-1)?.at ?? 0;
  /** By event: its span, and the trace that this is in. An answer is part of its call's span. */
  const places = new Map<number, { readonly spanId: string; readonly traceId: string }>();
  const byActor = new Map<string, OtelSpan[]>();
  for (const record of records) {
    const cause = places.get(record.cause);
    if (record.kind === 'answer') {
      if (cause) places.set(record.seq, cause);
      continue;
    }
    const place = { spanId: record.seq.toString(16).padStart(16, '0'), traceId: cause?.traceId ?? traceIdOf(record) };
    places.set(record.seq, place);
    const answer = answers.get(record.seq);
    const end = record.kind === 'call' ? (answer?.at ?? last) : record.at;
    let spans = byActor.get(record.actor);
    if (!spans) {
      spans = [];
      byActor.set(record.actor, spans);
    }
    spans.push({
      ...place,
      ...(cause ? { parentSpanId: cause.spanId } : {}),
      name: record.name,
      kind: record.kind === 'call' ? 3 : 1,
      startTimeUnixNano: nanos(epoch + record.at),
      endTimeUnixNano: nanos(epoch + end),
      attributes: attributesOf(record, answer),
      status: statusOf(record, answer),
    });
  }
  return {
    resourceSpans: [...byActor].map(([actor, spans]) => ({
      resource: { attributes: [attribute('service.name', actor)] },
      scopeSpans: [{ scope: { name: 'slipway' }, spans }],
    })),
  };
}

/** The same as JSON text, with a line feed at its end. */
export function otelText(records: readonly TraceRecord[], epoch = EPOCH): string {
  return `${JSON.stringify(otel(records, epoch))}\n`;
}

/** The same run has the same ids. */
function traceIdOf({ seq, at, actor, name, subject }: TraceRecord): string {
  const text = `${seq} ${at} ${actor} ${name} ${subject ?? ''}`;
  const words = [0, 1, 2].map((salt) => (hashText(text, salt) >>> 0).toString(16).padStart(8, '0'));
  return `${words.join('')}${(seq >>> 0).toString(16).padStart(8, '0')}`;
}

const nanos = (micros: number): string => (BigInt(micros) * 1000n).toString();

const attribute = (key: string, value: Scalar): { readonly key: string; readonly value: AnyValue } => ({
  key,
  value: typeof value === 'number' && Number.isSafeInteger(value) ? { intValue: String(value) } : { stringValue: String(value) },
});

function attributesOf(record: TraceRecord, answer: TraceRecord | undefined) {
  const { seq, kind, subject, data } = record;
  const list = [attribute('slipway.seq', seq), attribute('slipway.kind', kind)];
  if (subject !== undefined) list.push(attribute('slipway.subject', subject));
  if (data.length > 0) list.push(attribute('slipway.data', data.join(' ')));
  if (answer) list.push(attribute('peer.service', answer.actor), attribute('slipway.answer', answer.data.join(' ')));
  return list;
}

function statusOf({ kind }: TraceRecord, answer: TraceRecord | undefined): OtelSpan['status'] {
  if (kind !== 'call') return kind === 'fault' ? { code: 2 } : {};
  if (!answer) return { code: 2, message: 'no answer' };
  const [code] = answer.data;
  return code === 'OK' ? { code: 1 } : { code: 2, message: String(code) };
}
