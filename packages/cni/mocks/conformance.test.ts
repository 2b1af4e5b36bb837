import { type Host, Host as SimulatedHost } from '@slipway/host';
import { Kernel, link, type Process } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { cniCases, type CniSubject } from '../conformance.ts';
import type { PluginConfig } from '../contract.ts';
import { cniPlugin } from '../service.ts';
import { referencePlugins, SUBNET_FILE, writeSubnetFile } from './index.ts';

function subject(config: PluginConfig, prepare: (host: Host) => void = () => undefined): CniSubject {
  const kernel = new Kernel({ seed: config.type });
  const runtime = kernel.owner('runtime');
  const host = new SimulatedHost({
    name: 'node-1',
    kernel,
    programs: {
      resolve: () => ({
        name: 'none',
        *run() {
          return 0;
        },
      }),
    },
    addresses: ['10.0.0.11/24'],
  });
  prepare(host);
  let namespaces = 0;
  kernel.events.on('breach', (breach) => {
    throw new Error(`${breach.rule}: ${breach.message}`);
  });
  return {
    cni: link(referencePlugins(host), { service: cniPlugin, from: runtime, to: host.owner, latency: { '*': 1_000 } }),
    host,
    config,
    capacity: 5,
    random: kernel.random('orders'),
    makeNamespace() {
      namespaces += 1;
      return host.network.create(`/var/run/netns/cni-${namespaces}`).path;
    },
    settle: <T>(process: Process<T>) => kernel.completeAsync(runtime, 'case', process),
  };
}

const bridgeConfig: PluginConfig = {
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'bridge',
  isDefaultGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/29' }]], routes: [{ dst: '10.9.0.0/16' }] },
};

const subjects: Readonly<Record<string, () => CniSubject>> = {
  bridge: () => subject(bridgeConfig),
  'bridge with IPv6': () =>
    subject({
      ...bridgeConfig,
      ipam: { type: 'host-local', ranges: [[{ subnet: 'fd00:9::/64', rangeStart: 'fd00:9::2', rangeEnd: 'fd00:9::6' }]] },
    }),
  'bridge of 1.0.0': () => subject({ ...bridgeConfig, cniVersion: '1.0.0' }),
  flannel: () =>
    subject({ cniVersion: '1.1.0', name: 'cbr0', type: 'flannel', delegate: { isDefaultGateway: true } }, ({ files }) =>
      writeSubnetFile(files, SUBNET_FILE, { network: '10.244.0.0/16', subnet: '10.244.1.1/29', mtu: 1450, ipMasq: true }),
    ),
};

describe.each(Object.keys(subjects))('%s', (name) => {
  it.each(cniCases.map((each) => [each.title, each] as const))('%s', async (_title, { run }) => {
    expect(await run(subjects[name] as () => CniSubject)).toBeUndefined();
  });
});
