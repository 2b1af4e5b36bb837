import { Host } from '@slipway/host';
import { Kernel } from '@slipway/kernel';
import { expect, it } from 'vitest';
import type { AddRequest } from '../../contract.ts';
import { Portmap } from './portmap.ts';

const programs = {
  resolve: () => {
    throw new Error('no process runs here');
  },
};
const newHost = (): Host => new Host({ name: 'node-1', kernel: new Kernel(), programs, addresses: ['192.168.0.1/24'] });

const request = (containerId: string): AddRequest => ({
  containerId,
  netns: '/n',
  ifname: 'eth0',
  config: {
    cniVersion: '1.1.0',
    name: 'net',
    type: 'portmap',
    runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] },
    prevResult: { cniVersion: '1.1.0', ips: [{ address: '10.1.2.2/24' }] },
  },
});
const ports = ({ network }: Host): readonly number[] => network.root.sockets.map(({ port }) => port);

it('portmap: a rule outlives the plugin, which finds it again', () => {
  const host = newHost();
  new Portmap(host).add(request('a'));
  expect(ports(host)).toEqual([8080]);
  new Portmap(host).check(request('a'));
  new Portmap(host).del(request('a'));
  expect(ports(host)).toEqual([]);
});

it('portmap: rules go with power', () => {
  const host = newHost();
  const plugin = new Portmap(host);
  plugin.add(request('a'));
  host.powerOff();
  host.powerOn();
  expect(ports(host)).toEqual([]);
  expect(() => plugin.check(request('a'))).toThrow('could not check chain');
});
