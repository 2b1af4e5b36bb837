import { csiCases } from '@slipway/csi/conformance';
import * as mocks from '@slipway/csi/mocks';
import { AwsCloud } from '@slipway/cloud/mocks';
import { describe, expect, it } from 'vitest';
import { csiSubject, describeConformance, assertCsiHistories } from '../index.ts';
const plugins = Object.values(mocks).filter((p: any) => p?.interface === 'csi') as any[];
for (const plugin of plugins) {
  const connect = () => csiSubject(plugin, { cloud: (s: any) => new AwsCloud(s) as any, ...(plugin.name==='efs'?{parameters:{provisioningMode:'efs-ap',fileSystemId:'fs-0'}}:{}) });
  describeConformance({ describe, it }, plugin.name, csiCases, connect);
  it('histories '+plugin.name, () => assertCsiHistories(connect, { numRuns: 20 }));
}
it('some', () => expect(plugins.length).toBeGreaterThan(0));
