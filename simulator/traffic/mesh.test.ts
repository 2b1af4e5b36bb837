import { flannel } from '@slipway/cni/mocks';
import type { Implementation } from '@slipway/kernel';
import type { AuthoriseRequest, Mesh, ObserveRequest, RouteRequest } from '@slipway/smi';
import { expect, it } from 'vitest';
import { TrafficWorld } from './testing/world.ts';

/** Sends `web` to `web-v2` and lets in whoever has an identity, but for POST. */
class StubMesh implements Implementation<Mesh> {
  readonly asked: AuthoriseRequest[] = [];
  readonly observed: ObserveRequest[] = [];
  broken = false;

  inject() {
    return {};
  }

  identity({ pod }: { readonly pod: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } } }) {
    return pod.metadata.labels?.['mesh'] === 'yes'
      ? { identity: { namespace: 'default', serviceAccount: 'default', name: 'default.id' } }
      : {};
  }

  route({ to }: RouteRequest) {
    if (this.broken) throw new Error('no destination profile');
    if (to.service === 'lost') return { to: { ...to, service: 'nowhere' }, split: 'default/lost' };
    return to.service === 'web' ? { to: { ...to, service: 'web-v2' }, split: 'default/web' } : { to };
  }

  authorise(request: AuthoriseRequest) {
    this.asked.push(request);
    const allowed = request.source !== undefined && request.http?.method !== 'POST';
    return { allowed, reason: allowed ? 'allowed by default/all' : 'no TrafficTarget allows it' };
  }

  observe(request: ObserveRequest) {
    this.observed.push(request);
    return {};
  }
}

function meshed() {
  const mesh = new StubMesh();
  const world = new TrafficWorld({ network: { plugin: flannel }, nodes: 2, mesh });
  const labels = { mesh: 'yes' };
  world.pod('one', { node: 'node-2', labels });
  world.pod('two', { node: 'node-1', labels });
  world.pod('client', { labels });
  world.pod('stranger');
  world.service('web');
  world.service('web-v2');
  world.service('lost');
  world.endpoints('web', { one: {} });
  world.endpoints('web-v2', { two: {} });
  return { mesh, world };
}

it('mesh: a sender of the mesh is routed, authorised at the receiver and observed, in this order', () => {
  const { mesh, world } = meshed();
  const { steps, reply } = world.ask('client', 'http://web/path', { http: { headers: { 'X-Trace': '1' } } });
  expect(reply?.http?.body).toBe('two');
  expect(steps.map(({ stage }) => stage)).toEqual(['dns', 'mesh-route', 'service', 'network', 'mesh-authorise', 'deliver']);
  expect(steps[1]?.what).toBe('default/web-v2:80 by TrafficSplit default/web');
  expect(mesh.asked[0]).toMatchObject({ port: 8080, http: { method: 'GET', path: '/path', headers: { 'x-trace': '1' } } });
  world.pass(0.01);
  expect(mesh.observed).toHaveLength(1);
  expect(mesh.observed[0]).toMatchObject({ success: true, apex: 'web', to: { service: 'web-v2', port: 80 } });
});

it('mesh: who is outside the mesh gets the plain Service, and the receiver enforces all the same', () => {
  const { mesh, world } = meshed();
  const { reply, dropped } = world.ask('stranger', 'http://web/');
  expect(dropped).toEqual({ stage: 'mesh-authorise', where: 'node-2', why: 'no TrafficTarget allows it' });
  expect(reply?.http?.status).toBe(403);
  world.pass(0.01);
  expect(mesh.observed[0]).toMatchObject({ success: false, to: { service: 'web' } });
  // Also by address, and on the same node.
  expect(world.ask('stranger', `http://${world.ips.get('two')}:8080/`).dropped?.stage).toBe('mesh-authorise');
});

it('mesh: a refusal is 403 in HTTP and a reset on a plain connection, for programs too', () => {
  const { world } = meshed();
  expect(world.ask('client', 'http://web/', { http: { method: 'POST' } }).reply?.http?.status).toBe(403);
  expect(world.ask('stranger', 'web:80').error).toMatch(/connection reset by peer$/);
  expect(world.exec('client', 'wget', '-qO-', 'http://web/')).toMatchObject({ exitCode: 0, stdout: 'two' });
  expect(world.exec('stranger', 'wget', '-qO-', 'http://web/')).toMatchObject({
    exitCode: 1,
    stderr: 'wget: server returned error: HTTP/1.1 403 Forbidden\n',
  });
});

it('mesh: a split to a Service that is not there, and a mesh that fails, are named', () => {
  const { mesh, world } = meshed();
  expect(world.ask('client', 'http://lost/')).toMatchObject({
    reply: { http: { status: 503 } },
    dropped: { stage: 'mesh-route', why: 'there is no Service default/nowhere with port 80/TCP' },
  });
  mesh.broken = true;
  expect(world.ask('client', 'http://web/').dropped?.why).toContain('no destination profile');
});
