import { runController } from '@slipway/client';
import { Kernel, link, seconds, sleep } from '@slipway/kernel';
import { findKind, type KubeObject } from '@slipway/kube';
import { mesh } from '@slipway/smi';
import { meshCases, type MeshSubject } from '@slipway/smi/conformance';
import { linkerd, linkerdOptions } from '@slipway/smi/mocks';
import { describe, expect, it } from 'vitest';
import { ApiServer, connect } from '../index.ts';

/** Linkerd with its control plane in a cluster that has nothing but an API server. */
function subject(): MeshSubject & { readonly breaches: readonly string[] } {
  const kernel = new Kernel({ seed: 'mesh' });
  const server = new ApiServer({ kernel, owner: kernel.owner('apiserver'), options: { freeze: true } });
  const [user, meshOwner, agentOwner] = [kernel.owner('user'), kernel.owner('smi/linkerd'), kernel.owner('linkerd-agent')];
  const api = connect(server, user);
  const breaches: string[] = [];
  kernel.events.on('breach', ({ side, rule, message }) => void (side === 'plugin' && breaches.push(`${rule}: ${message}`)));
  const context = (owner: typeof user) => ({
    options: linkerdOptions.parse({ defaultInboundPolicy: 'deny' }),
    api: connect(server, owner),
    ids: kernel.ids,
    random: kernel.random(owner.name),
    now: () => kernel.now,
    sleep,
    log: () => undefined,
    promised: () => expect.fail('no promises'),
  });
  const resourceOf = (object: KubeObject) => {
    const [group = '', version] = object.apiVersion.split('/');
    const kind =
      findKind(version === undefined ? object.kind : `${object.kind}.${group}`, server.kinds()) ?? findKind(object.kind, server.kinds());
    if (!kind) throw Object.assign(new Error(`no kind ${object.kind}`), { code: 'NotFound' });
    return api.resource<KubeObject>(kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);
  };
  const settle: MeshSubject['settle'] = (process) => kernel.completeAsync(user, 'case', process);
  const put = async (object: KubeObject): Promise<void> => {
    const { namespace, name } = object.metadata;
    await settle(resourceOf(object).patch({ ...(namespace === undefined ? {} : { namespace }), name, patch: object, type: 'apply' }));
    await settle(sleep(seconds(1)));
  };
  for (const manifest of linkerd.manifests ?? []) kernel.complete(user, 'manifest', resourceOf(manifest).create(manifest));
  kernel.complete(user, 'shop', api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
  const agent = linkerd.agent?.(context(agentOwner));
  if (agent) runController(agent, { api: connect(server, agentOwner), owner: agentOwner });
  return {
    mesh: link(linkerd.create(context(meshOwner)), { service: mesh, from: user, to: meshOwner, latency: linkerd.latency }),
    put,
    async remove(object) {
      const { namespace, name } = object.metadata;
      await settle(resourceOf(object).delete({ ...(namespace === undefined ? {} : { namespace }), name }));
      await settle(sleep(seconds(1)));
    },
    settle,
    random: kernel.random('cases'),
    can: { identity: true, split: true, access: true, metrics: true },
    balance: 'exact',
    breaches,
  };
}

describe('linkerd over the API server', () => {
  it.each(meshCases.map((each) => [each.title, each] as const))('%s', async (_title, { run }) => {
    const subjects: ReturnType<typeof subject>[] = [];
    const verdict = await run(() => {
      const made = subject();
      subjects.push(made);
      return made;
    });
    expect(verdict).toBeUndefined();
    expect(subjects.flatMap(({ breaches }) => breaches)).toEqual([]);
  });
});
