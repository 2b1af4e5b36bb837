import { AwsCloud, awsOptions } from '@slipway/cloud/mocks';
import { bridge, referencePlugins } from '@slipway/cni/mocks';
import { aws } from '@slipway/cpi/mocks';
import { containerd } from '@slipway/cri/mocks';
import { ebs } from '@slipway/csi/mocks';
import { memoryPlugin } from '@slipway/csi/testing';
import type { Host } from '@slipway/host';
import { OciRegistry, Runc, runc } from '@slipway/oci/mocks';
import { programs } from '@slipway/programs';
import { linkerd } from '@slipway/smi/mocks';
import type { CsiSurroundings, TestPart } from './index.ts';
import { testCloudProvider, testCniPlugin, testCriRuntime, testCsiDriver, testMesh, testOciRuntime } from './vitest.ts';

const cloud: NonNullable<CsiSurroundings['cloud']> = (given) => new AwsCloud({ ...given, options: awsOptions.parse({}) });
/** The published cases are tried beside the mocks; here each interface's first one shows that they are part of the call. */
const generated: readonly TestPart[] = ['histories', 'faults', 'clients', 'clients and faults'];
const config = {
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'bridge',
  isGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/29' }]] },
};

testCsiDriver(() => memoryPlugin(), { title: 'in-memory driver', numRuns: 15, restarts: 'kept', mutableParameters: { tier: 'fast' } });
testCsiDriver(ebs, { numRuns: 5, cloud, only: generated });
testCniPlugin(bridge, { numRuns: 6, config, capacity: 5 });
testCriRuntime(containerd, {
  numRuns: 6,
  cni: referencePlugins,
  oci: (host: Host) => new Runc(host),
  registry: () => new OciRegistry(),
  programs: programs(),
});
testOciRuntime(runc, { numRuns: 20 });
testCloudProvider(aws, { numRuns: 10 });
testMesh(linkerd, {
  numRuns: 6,
  options: { defaultInboundPolicy: 'deny' },
  can: { identity: true, split: true, access: true, metrics: true },
  balance: 'exact',
});
