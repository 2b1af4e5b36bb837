import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { explain, type ExplainOptions } from './explain.ts';

const web = fileURLToPath(new URL('../../scenarios/hello/web.yaml', import.meta.url));

afterEach(() => vi.restoreAllMocks());

/** What the command writes to standard output. */
async function output(options: Partial<ExplainOptions> = {}): Promise<string> {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  expect(await explain([web], { set: [], until: '20s', ...options })).toBe(0);
  return text;
}

describe('slipway explain', () => {
  test('explain: without a name it tells of the first pod, and a Deployment’s name means its first pod', async () => {
    const first = await output();
    expect(first).toMatch(/^The story of pod default\/web-/);
    expect(await output({ pod: 'web' })).toBe(first);
  });

  test('explain: a Service has a story, and the other formats are what they say', async () => {
    expect(await output({ service: 'web' })).toMatch(/^The story of Service default\/web/);
    expect(await output({ output: 'mermaid' })).toMatch(/^sequenceDiagram\n/);
    expect(JSON.parse(await output({ output: 'perfetto' }))).toMatchObject({ displayTimeUnit: 'ms' });
  });

  test('explain: a kind may stand before the name, as in scenarios', async () => {
    const first = await output();
    for (const pod of [
      'deployment/web',
      'deploy/default/web',
      first
        .split(' ')[4]
        ?.replace(/^default\//, 'pod/')
        .replace(',', '') ?? '',
    ])
      expect(await output({ pod }), pod).toBe(first);
    const service = await output({ service: 'web' });
    for (const name of ['service/web', 'svc/default/web', 'default/web']) expect(await output({ service: name }), name).toBe(service);
  });

  test.each([
    ['a workload without pods', { pod: 'statefulset/web' }, /the run has no pod of statefulset\/web/, /it has these: default\/web-/],
    ['a kind with another story', { pod: 'service/web' }, /service\/web is no pod/, /write --service web/],
    ['a workload where a Service is asked for', { service: 'deploy/web' }, /deploy\/web is no Service/, /write --service NAME/],
    ['a name that there is not', { service: 'wbe' }, /the run has no Service wbe/, /did you mean web\?/],
    ['a kind that the run has none of', { claim: 'web' }, /the run has no claim/, /there is no claim to tell of/],
    ['two subjects', { pod: 'web', service: 'web' }, /--pod and --service exclude each other/, /give one of them/],
    ['another format', { output: 'svg' }, /there is no output "svg"/, /text, mermaid, perfetto/],
  ])('explain: %s is refused with the way out', async (_title, options, message, fix) => {
    const failure: unknown = await explain([web], { set: [], until: '5s', ...options }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'UsageError', message: expect.stringMatching(message), fix: expect.stringMatching(fix) });
  });
});
