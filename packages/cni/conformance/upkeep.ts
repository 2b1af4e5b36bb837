import { codeOf, must } from '@slipway/kernel';
import { noPool } from './capacity.ts';
import { cniCase } from './case.ts';
import { addressesOf, refusal, unlessMissing } from './subject.ts';

/** CHECK, GC, STATUS and VERSION: a plugin may leave each out. */
export const upkeepCases = [
  cniCase('check.after-add', 'check: passes right after ADD, and again', 'CHECK; CNI-33; Slipway NET-13', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    const skipped = await unlessMissing('CHECK', bench.check(container, result));
    if (!skipped) await bench.check(container, result);
    return skipped;
  }),
  cniCase('check.interface-removed', 'check: fails once the interface is gone', 'CHECK; CNI-30; Slipway NET-13', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    const skipped = await unlessMissing('CHECK', bench.check(container, result));
    if (skipped) return skipped;
    bench.namespace(container).removeInterface(container.ifname);
    await refusal('CHECK', bench.check(container, result));
    return undefined;
  }),
  cniCase('check.address-removed', 'check: fails once an address is gone', 'CHECK; CNI-30; Slipway NET-13', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    const skipped = await unlessMissing('CHECK', bench.check(container, result));
    if (skipped) return skipped;
    const [first] = result.ips ?? [];
    must(first !== undefined, 'the attachment has an address');
    bench.namespace(container).removeAddress(container.ifname, first.address);
    await refusal('CHECK', bench.check(container, result));
    return undefined;
  }),
  cniCase('check.later-plugin', 'check: tolerates what a later plugin of the list added to the result', 'CHECK; CNI-29', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    const interfaces = [...(result.interfaces ?? []), { name: 'later0', sandbox: container.netns }];
    const ips = [...(result.ips ?? []), { address: '192.0.2.9/32', interface: interfaces.length - 1 }];
    return unlessMissing('CHECK', bench.check(container, { ...result, interfaces, ips }));
  }),
  cniCase('gc.frees-stale', 'gc: frees what no valid attachment has', 'GC; CNI-45; Slipway NET-08', async (bench) => {
    const { capacity, host } = bench.subject;
    if (capacity === undefined) return noPool;
    const filled = await bench.fill(capacity);
    const valid = filled.filter((_, at) => at % 2 === 0).map(({ container }) => container);
    // By then the isolation domain of a stale attachment may be gone.
    for (const { container } of filled) if (!valid.includes(container)) host.network.delete(container.netns);
    const skipped = await unlessMissing('GC', bench.gc(valid));
    if (skipped) return skipped;
    await bench.fill(capacity - valid.length, 'GC did not free what no valid attachment has');
    await refusal('ADD with no address left', bench.add(bench.container()));
    return undefined;
  }),
  cniCase('gc.keeps-valid', 'gc: leaves valid attachments as they are, however often it runs', 'GC; Slipway NET-08', async (bench) => {
    const filled = await bench.fill(2);
    const valid = filled.map(({ container }) => container);
    const skipped = await unlessMissing('GC', bench.gc(valid));
    if (skipped) return skipped;
    await bench.gc(valid);
    for (const { container, result } of filled) {
      for (const address of addressesOf(result)) must(bench.namespace(container).has(address), `${address} is still there`);
      await unlessMissing('CHECK', bench.check(container, result));
    }
    const addresses = [...filled, ...(await bench.fill(1))].flatMap(({ result }) => addressesOf(result));
    must(new Set(addresses).size === addresses.length, 'a later ADD gets an address of its own');
    return undefined;
  }),
  cniCase('status.serves', 'status: succeeds while ADD does', 'STATUS; CNI-40', async (bench) => {
    await bench.add(bench.container());
    return unlessMissing('STATUS', bench.subject.settle(bench.subject.cni.status({ config: bench.subject.config })));
  }),
  cniCase('status.code', 'status: fails with 50 or 51, if it fails', 'STATUS; CNI-40', async (bench) => {
    try {
      return await unlessMissing('STATUS', bench.subject.settle(bench.subject.cni.status({ config: bench.subject.config })));
    } catch (error) {
      must(['50', '51'].includes(codeOf(error)), `the code is 50 or 51, not ${codeOf(error)}`);
      return undefined;
    }
  }),
  cniCase(
    'version.answer',
    'version: lists versions, among them the one of the configuration',
    'VERSION Success; CNI-44, CNI-77',
    async (bench) => {
      const { subject } = bench;
      const { cni, config } = subject;
      let versions: readonly string[] = [];
      const ask = async (): Promise<void> => {
        const answer = await subject.settle(cni.version({ cniVersion: config.cniVersion }));
        must(answer.cniVersion === config.cniVersion, 'cniVersion is that of the request');
        versions = answer.supportedVersions;
      };
      const skipped = await unlessMissing('VERSION', ask());
      if (!skipped) must(versions.includes(config.cniVersion), `${config.cniVersion} is among ${versions.join(', ')}`);
      return skipped;
    },
  ),
];
