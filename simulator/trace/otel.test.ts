import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seconds, type TraceRecord } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { applyManifests } from '../manifests/apply-manifests.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { worldFactory } from '../wiring/container.ts';
import { otel, otelText } from './otel.ts';

const world = worldFactory()({ nodes: [{ name: 'node-1' }], trace: { keep: true } });
const text = readFileSync(fileURLToPath(new URL('../../scenarios/hello/web.yaml', import.meta.url)), 'utf8');
world.kernel.complete(world.user, 'apply', applyManifests(world, loadManifests([{ file: 'web.yaml', text }]).objects, ['node-1']));
world.kernel.run({ until: seconds(3) });
const records: readonly TraceRecord[] = world.recorder.kept;
const spans = otel(records).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: within }) => within));

const attributes = z.array(
  z.strictObject({
    key: z.string().min(1),
    value: z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: z.string().regex(/^-?\d+$/) })]),
  }),
);
/** The fields of `ExportTraceServiceRequest` that are used, as OTLP/JSON spells them. */
const schema = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.literal('slipway') }),
          spans: z.array(
            z.strictObject({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^(?!0{16})[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string().min(1),
              kind: z.union([z.literal(1), z.literal(3)]),
              startTimeUnixNano: z.string().regex(/^\d{19}$/),
              endTimeUnixNano: z.string().regex(/^\d{19}$/),
              attributes,
              status: z.strictObject({ code: z.union([z.literal(1), z.literal(2)]).optional(), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

describe('otel', () => {
  test('otel: the text is JSON in the form of OTLP', () => {
    expect(() => schema.parse(JSON.parse(otelText(records)))).not.toThrow();
  });

  test('otel: every event but answers is a span, and none ends before it begins', () => {
    expect(spans.length).toBe(records.filter(({ kind }) => kind !== 'answer').length);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  });

  test('otel: a parent is a span of the same trace, and every trace has one beginning', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(spans.length);
    for (const { parentSpanId, traceId } of spans) if (parentSpanId !== undefined) expect(byId.get(parentSpanId)?.traceId).toBe(traceId);
    const beginnings = spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ traceId }) => traceId);
    expect(new Set(beginnings).size).toBe(beginnings.length);
  });
});
