import { expect, test } from 'vitest';
import { ONE_POD, Workplace } from './slipway.ts';

/** A network that looks for ever for an attachment which an ADD that failed has not left. */
const HANGING = `export default {
  interface: 'cni',
  name: 'hanging',
  create({ host }) {
    const given = new Set();
    return {
      add({ containerId, netns, ifname, config }) {
        given.add(containerId);
        const address = '10.9.0.' + (given.size + 1) + '/16';
        host.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
        return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
      },
      del({ containerId, netns = '', ifname }) {
        while (!given.has(containerId));
        const namespace = host.network.get(netns);
        if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
      },
    };
  },
};
`;

test('a case that never comes back is given up and reported, and the search goes on', async () => {
  const place = new Workplace({ 'story.yaml': ONE_POD, 'hanging.ts': HANGING });
  const { code, stdout, stderr } = await place.slipway(
    ['fuzz', 'story.yaml', '--set', 'plugins.cni=./hanging.ts', '--only', 'error', '--runs', '8', '--jobs', '2', '--limit', '2s', '--json'],
    { timeout: 28_000 },
  );
  expect(stderr).toBe('');
  expect(code).toBe(1);
  const { runs, failures } = JSON.parse(stdout) as {
    readonly runs: number;
    readonly failures: readonly { readonly invariant: string; readonly message: string; readonly seed: number }[];
  };
  expect(runs).toBe(8);
  const hang = failures.find(({ invariant }) => invariant === 'hang');
  expect(hang?.message).toBe(`seed ${hang?.seed}: the case has not come back for 2s of real time: something in it never waits`);
});
