import { readFileSync } from 'node:fs';
import { messageOf, must } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { csiCases, type CsiSubject } from './conformance.ts';
import { type Breaks, bugs } from './testing/planted-bugs.ts';
import { memorySubject } from './testing/subject.ts';

/** What became of the cases: ids of those that failed, by the case or by an answer against the spec, and of those that do not apply. */
async function outcomes(breaks?: Breaks, guarded = true, cases = csiCases) {
  const failed: string[] = [];
  const skipped: string[] = [];
  for (const { id, run } of cases) {
    const subjects: ReturnType<typeof memorySubject>[] = [];
    try {
      const verdict = await run((): CsiSubject => {
        const subject = memorySubject(breaks, guarded);
        subjects.push(subject);
        return subject;
      });
      must(
        subjects.every(({ breaches }) => breaches.length === 0),
        'no answer against the spec',
      );
      if (verdict) skipped.push(id);
    } catch (error) {
      expect(messageOf(error)).not.toBe('');
      failed.push(id);
    }
  }
  return { failed, skipped };
}

describe('cases', () => {
  it('have ids, titles and sources of one form, and no id twice', () => {
    for (const { id, title, source } of csiCases) {
      expect(id).toMatch(/^csi\.[a-z-]+\.[a-z-]+$/);
      expect(title).toMatch(/^.+: .+/);
      expect(source).toMatch(/^CSI 1\.12: [A-Z]/);
    }
    expect(new Set(csiCases.map(({ id }) => id)).size).toBe(csiCases.length);
  });

  it('cover every group of csi-sanity', () => {
    const { sanity } = JSON.parse(readFileSync(new URL('spec.json', import.meta.url), 'utf8')) as {
      readonly sanity: Readonly<Record<string, readonly string[]>>;
    };
    const sources = csiCases.map(({ source }) => source).join('\n');
    for (const group of Object.keys(sanity)) {
      const name = group.replace(/^Controller: (?!volume|ControllerGetCap)/, '').replace(/ \/ .*/, '');
      expect([group, sources.includes(`csi-sanity ${name}`) || sources.includes(`; ${name}: `)]).toEqual([group, true]);
    }
  });
});

describe('conformance', () => {
  it.each(csiCases.map((each) => [each.id, each] as const))('a driver with everything: %s', async (_, { run }) => {
    const subject = memorySubject();
    const verdict = await run(() => subject);
    expect(verdict?.skipped).toBeUndefined();
    expect(subject.breaches).toEqual([]);
  });

  it('a driver without controller and node services passes, and most is skipped', async () => {
    const bare = {
      getPluginInfo: () => ({ name: 'bare.example.com', vendorVersion: '1' }),
      getPluginCapabilities: () => ({}),
      probe: () => ({}),
    };
    const { failed, skipped } = await outcomes(() => ({ identity: bare }));
    expect(failed).toEqual([]);
    expect(csiCases.map(({ id }) => id).filter((id) => !skipped.includes(id))).toEqual([
      'csi.identity.info',
      'csi.identity.capabilities',
      'csi.identity.probe',
      'csi.identity.services',
      'csi.identity.dependencies',
      'csi.identity.no-empty-promise',
    ]);
  });

  it('a driver whose methods are async passes', async () => {
    const { failed, skipped } = await outcomes((good) => ({
      ...good,
      controller: promised(good.controller),
      node: (host) => promised(good.node(host)),
    }));
    expect([failed, skipped]).toEqual([[], []]);
  });

  it('a driver that leaves wrong requests to the link is found out without the link’s help', async () => {
    const { failed } = await outcomes(undefined, false);
    expect(failed).toEqual(expect.arrayContaining(['csi.create-volume.no-name', 'csi.node-publish.wrong', 'csi.create-snapshot.no-name']));
    expect(failed.every((id) => /\.(no-|wrong|unknown)/.test(id))).toBe(true);
  });
});

/** Every method of an object, as `async` authors write them. */
function promised<T extends object>(good: T): T {
  return new Proxy(good, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? async (request: unknown) => member.call(target, request) : member;
    },
  });
}

describe('a driver with a mistake is found out', () => {
  it.each(Object.keys(bugs))('%s', async (name) => {
    const [breaks, found] = bugs[name] as (typeof bugs)[string];
    const { failed } = await outcomes(
      breaks,
      true,
      csiCases.filter(({ id }) => id === found),
    );
    expect(failed).toEqual([found]);
  });
});
