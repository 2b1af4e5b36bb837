import { definePlugin } from '@slipway/plugin';
import type { CSIDriver, StorageClass } from '@slipway/kube';
import * as z from 'zod';
import { EfsController } from './efs-controller.ts';
import { EfsNode } from './efs-node.ts';

const DRIVER = 'efs.csi.aws.com';

const options = z.object({
  volMetricsOptIn: z.boolean().default(false).describe('nodes tell how full volumes are (--vol-metrics-opt-in)'),
});

const driver: CSIDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: DRIVER },
  spec: { attachRequired: false },
};

const efsClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'efs-sc' },
  provisioner: DRIVER,
  parameters: { provisioningMode: 'efs-ap' },
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
};

/** aws-efs-csi-driver: folders of a file system that every node reaches at once. A class that names no `fileSystemId` gets one for the cluster. */
export const efs = definePlugin<'csi', z.infer<typeof options>>({
  interface: 'csi',
  name: 'efs',
  description: 'Amazon EFS: folders of a file system that every node shares',
  options,
  latency: { nodePublishVolume: '30ms..90ms', '*': '1ms..3ms' },
  manifests: [driver, efsClass],
  create({ options: { volMetricsOptIn }, cloud, host, log }) {
    const identity = {
      getPluginInfo: () => ({ name: DRIVER, vendorVersion: 'v2.1.0' }),
      getPluginCapabilities: () => ({ capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] as const }),
      probe: () => ({ ready: true }),
    };
    return host ? { identity, node: new EfsNode(host, cloud, volMetricsOptIn) } : { identity, controller: new EfsController(cloud, log) };
  },
});
