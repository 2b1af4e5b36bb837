import type { BookmarkObject, UpdateRequest, WatchEvent, WatchRequest } from '@slipway/client';
import { minutes, type Stream } from '@slipway/kernel';
import type { KubeObject, Pod, Service, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiServer } from '../../apiserver/index.ts';
import { Lab } from '../testing/lab.ts';

describe('API-01 revisions', () => {
  test('every write of a real server has a larger one, deletes too', () => {
    const lab = new Lab(['API-01']);
    const pod = lab.pod('a');
    lab.bind('a', 'node-1');
    lab.status(pod, { phase: 'Running' });
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
    expect(lab.violations).toEqual([]);
  });

  test('a revision that does not grow, and a delete that carries an old one, are reported', () => {
    const lab = new Lab(['API-01']);
    const old = lab.pod('a');
    const revision = Number(old.metadata.resourceVersion);
    lab.write({ resource: 'pods', type: 'MODIFIED', object: old, old });
    lab.write({ resource: 'pods', type: 'DELETED', object: old, old, revision: revision + 1 });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      `Pod default/a was written at revision ${revision} after ${revision}`,
      `the delete of Pod default/a carries revision ${revision} instead of its own, ${revision + 1}`,
    ]);
  });
});

/** What a broken server does to the events of its watches. */
type Breakage = (event: WatchEvent) => readonly WatchEvent[];

function serverWith(breakage: Breakage): typeof ApiServer {
  return class extends ApiServer {
    override watch(request: WatchRequest): Stream<WatchEvent> {
      const stream = super.watch(request);
      const { offer } = stream;
      stream.offer = (event, cause) => {
        let taken = true;
        for (const each of breakage(event)) taken = offer.call(stream, each, cause) && taken;
        return taken;
      };
      return stream;
    }
  };
}

/** A client watches while pods are made, bound and deleted. */
function watched(rows: readonly string[], breakage: Breakage, request: Partial<WatchRequest> = {}): Lab {
  const lab = new Lab(rows, serverWith(breakage));
  const client = lab.kernel.owner('reader');
  lab.pod('before');
  const resourceVersion = String(lab.server.revision);
  lab.pod('missed');
  const link = lab.as('reader').link;
  client.spawn(
    'read',
    (function* () {
      const stream = yield* link.watch({ resource: 'pods', resourceVersion, allowWatchBookmarks: true, ...request });
      while ((yield* stream.take()).length > 0);
    })(),
    () => undefined,
  );
  lab.pass(1000);
  for (const name of ['a', 'b', 'c']) lab.pod(name);
  lab.bind('b', 'node-1');
  for (const name of ['a', 'b']) lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name, gracePeriodSeconds: 0 }));
  // Something of another resource, of which the bookmark tells.
  lab.node('node-1');
  lab.pass(minutes(1));
  for (const name of ['d', 'e']) lab.pod(name);
  lab.atRest();
  return lab;
}

const honest: Breakage = (event) => [event];
const all =
  (names: (event: WatchEvent) => boolean, instead: (event: WatchEvent) => readonly WatchEvent[]): Breakage =>
  (event) =>
    names(event) ? instead(event) : [event];
const isAbout =
  (name: string, type: WatchEvent['type']) =>
  (event: WatchEvent): boolean =>
    event.type === type && (event.object as Pod).metadata.name === name;

describe('API-02 watch-complete', () => {
  test.each([
    {},
    { namespace: 'default' },
    { fieldSelector: 'spec.nodeName=node-1' },
    { fieldSelector: 'metadata.name=b' },
    { fieldSelector: 'status.phase!=Succeeded' },
    { labelSelector: 'app=web' },
    { resourceVersion: '0' },
  ])('a real server is complete for %j', (request) => {
    expect(watched(['API-02', 'API-03'], honest, request).violations).toEqual([]);
  });

  test('a lost event is reported when the next one comes', () => {
    const lab = watched(
      ['API-02'],
      all(isAbout('b', 'ADDED'), () => []),
    );
    expect(lab.broken).toEqual(['API-02']);
    expect(lab.violations[0]?.message).toMatch(/^the watch of reader on pods heard of revision \d+ before \d+$/);
  });

  test('a lost last event is reported by the bookmark after it, or at rest', () => {
    expect(
      watched(
        ['API-02'],
        all(isAbout('b', 'DELETED'), () => []),
      ).violations[0]?.message,
    ).toMatch(/was told of revision \d+ and never heard of \d+$/);
    expect(
      watched(
        ['API-02'],
        all(isAbout('e', 'ADDED'), () => []),
      ).violations[0]?.message,
    ).toMatch(/never heard of revision \d+$/);
  });

  test('what was committed between list and watch must come first', () => {
    class Forgetful extends ApiServer {
      override watch(request: WatchRequest): Stream<WatchEvent> {
        // The planted bug: it begins with now, not with the revision that it was asked for.
        return super.watch({ ...request, resourceVersion: String(this.revision) });
      }
    }
    const lab = new Lab(['API-02'], Forgetful);
    const resourceVersion = String(lab.server.revision);
    lab.pod('a');
    lab.kernel.owner('reader').spawn('read', lab.as('reader').link.watch({ resource: 'pods', resourceVersion }), () => undefined);
    lab.pass(1000);
    lab.pod('b');
    expect(lab.broken).toContain('API-02');
  });

  test('an event that comes twice, and one out of order, are reported', () => {
    expect(
      watched(
        ['API-02'],
        all(isAbout('b', 'ADDED'), (event) => [event, event]),
      ).broken,
    ).toContain('API-02');
    let held: WatchEvent | undefined;
    const swapped = watched(['API-02'], (event) => {
      if (isAbout('a', 'ADDED')(event)) {
        held = event;
        return [];
      }
      const first = held;
      held = undefined;
      return first ? [event, first] : [event];
    });
    expect(swapped.broken).toContain('API-02');
  });

  test('whatever event is lost or doubled: it is reported', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.boolean(), (place, lost) => {
        let changes = 0;
        const lab = watched(['API-02'], (event) => {
          if (event.type !== 'BOOKMARK') changes += 1;
          if (event.type === 'BOOKMARK' || changes !== place) return [event];
          return lost ? [] : [event, event];
        });
        expect(lab.broken.length).toBeGreaterThan(0);
      }),
      { numRuns: 16 },
    );
  });
});

describe('API-03 bookmark-true', () => {
  test('an event at or below a bookmark that came before it is reported', () => {
    const object: BookmarkObject = { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion: '1000' } };
    const lab = watched(
      ['API-03'],
      all(isAbout('a', 'ADDED'), (event) => [{ type: 'BOOKMARK', object }, event]),
    );
    expect(lab.violations[0]).toMatchObject({ id: 'API-03', objects: ['Pod default/a'] });
    expect(lab.violations[0]?.message).toMatch(/heard of Pod default\/a at \d+ after a bookmark at 1000$/);
  });
});

describe('API-04 stale-write-fails', () => {
  /** Does what it is asked to whatever state the client has seen. */
  class Obliging extends ApiServer {
    override update(request: UpdateRequest): Stored<KubeObject> {
      const { namespace, name } = request.object.metadata;
      const resourceVersion = this.peek(request.resource, namespace, name)?.metadata.resourceVersion;
      const object = {
        ...request.object,
        metadata: { ...request.object.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      };
      return super.update({ ...request, object });
    }
  }

  const labelled = (pod: Stored<Pod>, value: string): Pod => ({ ...pod, metadata: { ...pod.metadata, labels: { value } } });

  test('a real server refuses, and writes of the newest state pass', () => {
    const lab = new Lab(['API-04']);
    const stale = lab.pod('a');
    const fresh = lab.run(lab.as('one').pods.update(labelled(stale, 'one')));
    expect(() => lab.run(lab.as('other').pods.update(labelled(stale, 'other')))).toThrow('the object has been modified');
    lab.run(lab.as('one').pods.update(labelled(fresh, 'two')));
    lab.run(lab.as('one').pods.patch({ namespace: 'default', name: 'a', patch: { metadata: { labels: { value: 'three' } } } }));
    expect(lab.violations).toEqual([]);
  });

  test('a server that takes a stale update is reported', () => {
    const lab = new Lab(['API-04'], Obliging);
    const stale = lab.pod('a');
    lab.run(lab.as('one').pods.update(labelled(stale, 'one')));
    expect(lab.violations).toEqual([]);
    lab.run(lab.as('other').pods.update(labelled(stale, 'other')));
    const revision = Number(stale.metadata.resourceVersion);
    expect(lab.violations).toMatchObject([
      {
        id: 'API-04',
        message: `other had seen Pod default/a at revision ${revision}, but its api.Server/Update was carried out on ${revision + 1} as ${revision + 2}`,
      },
    ]);
  });

  test('a server that forgets the precondition of a delete is reported', () => {
    class Rash extends ApiServer {
      override delete(request: Parameters<ApiServer['delete']>[0]) {
        const { preconditions: _ignored, ...rest } = request;
        return super.delete(rest);
      }
    }
    const lab = new Lab(['API-04'], Rash);
    lab.pod('a');
    const gone = { namespace: 'default', name: 'a', preconditions: { resourceVersion: '1' } };
    lab.run(lab.as('kubectl').pods.delete(gone));
    expect(lab.broken).toEqual(['API-04']);
  });
});

describe('API-09 finalizers', () => {
  test('an object that goes with its last finalizer, by update, patch or policy: silent', () => {
    const lab = new Lab(['API-09']);
    const kubectl = lab.as('kubectl');
    for (const name of ['a', 'b']) {
      lab.pod(name, {}, { finalizers: ['example.com/hold'] });
      lab.run(kubectl.pods.delete({ namespace: 'default', name, gracePeriodSeconds: 0 }));
    }
    lab.run(kubectl.pods.patch({ namespace: 'default', name: 'a', patch: { metadata: { finalizers: null } } }));
    const { finalizers: _gone, ...metadata } = (lab.server.peek('pods', 'default', 'b') as Stored<Pod>).metadata;
    lab.run(kubectl.pods.update({ ...(lab.server.peek('pods', 'default', 'b') as Stored<Pod>), metadata }));
    expect([...lab.server.objects('pods')]).toEqual([]);
    expect(lab.violations).toEqual([]);
  });

  test('an object that goes while a finalizer holds it is reported', () => {
    const lab = new Lab(['API-09']);
    const old = lab.pod('a', {}, { finalizers: ['example.com/hold'] });
    lab.write({ resource: 'pods', type: 'DELETED', object: old, old });
    expect(lab.violations).toMatchObject([{ id: 'API-09', message: 'somebody removed Pod default/a, which example.com/hold still held' }]);
  });
});

describe('API-12 service-numbers', () => {
  const service = (name: string, spec: Service['spec'] = {}): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type: 'NodePort',
      ports: [{ port: 80 }, { port: 81, name: 'b' }].map((port, index) => ({ ...port, name: `p${index}` })),
      ...spec,
    },
  });

  test('what a real server gives out is unique, also what comes free', () => {
    const lab = new Lab(['API-12']);
    const kubectl = lab.as('kubectl');
    for (let round = 0; round < 3; round += 1) {
      for (const name of ['a', 'b', 'c']) lab.run(kubectl.services.create(service(name)));
      for (const name of ['c', 'a', 'b']) lab.run(kubectl.services.delete({ namespace: 'default', name }));
    }
    expect(lab.violations).toEqual([]);
  });

  test('one address or node port for two services is reported', () => {
    const lab = new Lab(['API-12']);
    const made = lab.run(lab.as('kubectl').services.create(service('a')));
    const nodePort = made.spec.ports?.[0]?.nodePort;
    const object = { ...made, metadata: { ...made.metadata, name: 'b' } };
    lab.write({ resource: 'services', type: 'ADDED', object, old: undefined });
    expect(lab.violations.map(({ message }) => message).slice(0, 2)).toEqual([
      `Service default/b was given address ${made.spec.clusterIP}, which Service default/a has`,
      `Service default/b was given node port ${nodePort}, which Service default/a has`,
    ]);
  });
});
