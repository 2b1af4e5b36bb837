import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './input-error.ts';
import { loadManifests } from './load-manifests.ts';

/** Good files with most of what YAML has: anchors, merges, quotes, blocks, flow, comments, several documents, lists. */
const GOOD: readonly string[] = [
  `# a shop
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: &labels
    app: web
    tier: "front"
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels:
        <<: *labels
        extra: 'yes'
    spec:
      containers:
        - name: web
          image: nginx:1.27
          command: ["sh", "-c", "exec nginx"]
          ports: [{containerPort: 80, name: http}]
          resources: {requests: {cpu: 100m, memory: 64Mi}}
          readinessProbe: {httpGet: {path: /, port: http}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
`,
  `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings}
  data:
    text: |
      first
        second
    folded: >-
      one
      two
- apiVersion: batch/v1
  kind: Job
  metadata: {name: once}
  spec:
    backoffLimit: 2
    template:
      spec:
        restartPolicy: Never
        containers: [{name: main, image: busybox, command: [sh, -c, "exit 0"]}]
`,
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"one"},"spec":{"containers":[{"name":"c","image":"busybox"}]}}\n',
];

const VALUES = [
  'null',
  '{}',
  '[]',
  '""',
  '-1',
  '1e99',
  '*labels',
  '&a x',
  '[',
  '}',
  '!!binary x',
  '|',
  '"',
  '{{ .x }}',
  '99999999999999999999',
  '<<',
  '\t',
];

/** Spoils a text a little, as editors, merges and disks do. */
const mutation: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, code]) => (text: string) => {
    const index = at % (text.length + 1);
    return `${text.slice(0, index)}${String.fromCharCode(code)}${text.slice(index + 1)}`;
  }),
  fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => (text: string) => {
    const lines = text.split('\n');
    const [first, second] = [a % lines.length, b % lines.length];
    return lines
      .with(first, lines[second] ?? '')
      .with(second, lines[first] ?? '')
      .join('\n');
  }),
  fc.nat().map((at) => (text: string) => {
    const lines = text.split('\n');
    return lines.toSpliced(at % lines.length, 0, lines[at % lines.length] ?? '').join('\n');
  }),
  fc
    .tuple(fc.nat(), fc.constantFrom('__proto__', 'constructor', 'kind', 'items', 'metadata', 'x', '? [a]', ''))
    .map(([at, key]) => (text: string) => {
      const keys = [...text.matchAll(/[A-Za-z]+(?=:)/g)];
      const chosen = keys[at % Math.max(keys.length, 1)];
      return chosen ? `${text.slice(0, chosen.index)}${key}${text.slice(chosen.index + chosen[0].length)}` : text;
    }),
  fc.tuple(fc.nat(), fc.constantFrom(...VALUES)).map(([at, value]) => (text: string) => {
    const values = [...text.matchAll(/(?<=: )[^\n,}]+/g)];
    const chosen = values[at % Math.max(values.length, 1)];
    return chosen ? `${text.slice(0, chosen.index)}${value}${text.slice(chosen.index + chosen[0].length)}` : text;
  }),
);

describe('loader, fed with spoilt files', () => {
  it('property: there are objects or an InputError with places inside of the text, and nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...GOOD), fc.array(mutation, { minLength: 1, maxLength: 4 }), (good, mutations) => {
        const text = mutations.reduce((spoilt, mutate) => mutate(spoilt), good);
        try {
          expect(loadManifests([{ file: 'a.yaml', text }]).objects.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          const lines = text.split(/\r\n|\r|\n/);
          expect(error.problems.length).toBeGreaterThan(0);
          for (const { place, message } of error.problems) {
            expect(message).not.toMatch(/\bundefined\b|\[object|at .*\.[jt]s:\d/);
            if (place.line === 0) continue;
            expect(place.line).toBeLessThanOrEqual(lines.length);
            expect(place.column).toBeLessThanOrEqual((lines[place.line - 1]?.length ?? 0) + 1);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('property: good files stay good, whatever their line ends, comments and empty documents', () => {
    const decoration = fc.record({
      good: fc.constantFrom(...GOOD),
      end: fc.constantFrom('\n', '\r\n'),
      before: fc.constantFrom('', '---\n', '# note\n', '\n\n'),
      after: fc.constantFrom('', '---\n', '# note\n', '...\n', '\n  \n'),
    });
    fc.assert(
      fc.property(decoration, ({ good, end, before, after }) => {
        const titles = (text: string): string[] => loadManifests([{ file: 'a', text }]).objects.map(({ object }) => JSON.stringify(object));
        expect(titles(`${before}${good}${after}`.replaceAll('\n', end))).toEqual(titles(good));
      }),
    );
  });

  it('property: texts of YAML signs alone never break it', () => {
    const signs = fc.stringMatching(/^[-:?,[\]{}#&*!|>'"%@` \n\ta1]{0,60}$/);
    fc.assert(
      fc.property(signs, (text) => {
        expect(() => loadManifests([{ file: 'a.yaml', text }])).toThrow(InputError);
      }),
      { numRuns: 500 },
    );
  });
});
