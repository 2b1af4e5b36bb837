import { must } from '@slipway/kernel';
import { isEqual, type Pod } from '@slipway/kube';
import { Bench, meshCase } from './bench.ts';
import { pod, running } from './objects.ts';

/** Whatever the user wrote is there still, and in the same order. */
function mustKeep(sent: Pod, injected: Pod): void {
  for (const part of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(sent.metadata[part] ?? {})) {
      must(injected.metadata[part]?.[key] === value, `${part} keep ${key}=${value}`);
    }
  }
  for (const list of ['initContainers', 'containers', 'volumes'] as const) {
    const wanted: readonly { readonly name: string }[] = sent.spec[list] ?? [];
    const all: readonly { readonly name: string }[] = injected.spec[list] ?? [];
    const kept = all.filter(({ name }) => wanted.some((each) => each.name === name));
    must(isEqual(kept, wanted), `${list} of the pod are there unchanged and in order`);
  }
  for (const [field, value] of Object.entries(sent.spec)) {
    if (field === 'initContainers' || field === 'containers' || field === 'volumes') continue;
    must(isEqual((injected.spec as unknown as Readonly<Record<string, unknown>>)[field], value), `spec.${field} is unchanged`);
  }
  must(sent.metadata.name === injected.metadata.name && sent.metadata.namespace === injected.metadata.namespace, 'it is the same pod');
}

const wanting = (bench: Bench, serviceAccount?: string): Pod => pod('default', 'web-0', serviceAccount, bench.optIn);

/** What admission and peers see of a pod. */
export const injectionCases = [
  meshCase('inject.only-adds', 'inject: only adds to what the user wrote', 'Slipway, Mesh.inject', async (bench) => {
    const sent = wanting(bench, 'web');
    mustKeep(sent, await bench.inject(sent));
  }),
  meshCase(
    'inject.idempotent',
    'inject: an injected pod stays as it is',
    'Kubernetes, "Reinvocation": mutating webhooks are idempotent',
    async (bench) => {
      const once = await bench.inject(wanting(bench, 'web'));
      must(isEqual(await bench.inject(once), once), 'the second time changes nothing');
    },
  ),
  meshCase('inject.asked-for', 'inject: a pod that nobody put into the mesh stays as it is', 'Slipway, Mesh.inject', async (bench) => {
    const sent = pod('default', 'web-0', 'web');
    must(isEqual(await bench.inject(sent), sent), 'nothing is changed');
  }),
  meshCase('inject.same-for-all', 'inject: pods of one template are injected alike', 'Slipway, Mesh.inject', async (bench) => {
    const first = wanting(bench, 'web');
    const second = { ...first, metadata: { ...first.metadata, name: 'web-1' } };
    must(isEqual((await bench.inject(first)).spec, (await bench.inject(second)).spec), 'both have the same spec');
  }),
  meshCase(
    'identity.service-account',
    'identity: is the service account of the pod',
    'Traffic Access Control: TrafficTarget',
    async (bench) => {
      await bench.needsIdentity();
      const names = new Set<string>();
      for (const [home, serviceAccount] of [
        ['default', 'web'],
        ['default', 'api'],
        ['shop', 'web'],
      ] as const) {
        const identity = await bench.identity(await bench.meshed(home, serviceAccount));
        must(identity?.namespace === home && identity.serviceAccount === serviceAccount, `the identity is of ${home}/${serviceAccount}`);
        names.add(identity.name);
      }
      must(names.size === 3, 'different accounts have different names');
    },
  ),
  meshCase('identity.same-account', 'identity: pods of one account share it', 'Traffic Access Control: TrafficTarget', async (bench) => {
    await bench.needsIdentity();
    const [one, other] = [
      await bench.identity(await bench.meshed('default', 'web')),
      await bench.identity(await bench.meshed('default', 'web')),
    ];
    must(one !== undefined && isEqual(one, other), 'both have the same identity');
  }),
  meshCase(
    'identity.default-account',
    'identity: a pod that names no account is of `default`',
    'Traffic Access Control: TrafficTarget',
    async (bench) => {
      await bench.needsIdentity();
      const identity = await bench.identity(running(await bench.inject(wanting(bench)), 'uid'));
      must(identity?.serviceAccount === 'default', 'the account is default');
    },
  ),
  meshCase('identity.outside', 'identity: a pod outside the mesh has none', 'Traffic Access Control: Specification', async (bench) => {
    must((await bench.identity(bench.outsider('default'))) === undefined, 'it has no identity');
  }),
];
