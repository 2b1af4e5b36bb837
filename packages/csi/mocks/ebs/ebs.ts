import { definePlugin } from '@slipway/plugin';
import type { CSIDriver, StorageClass } from '@slipway/kube';
import * as z from 'zod';
import { snapshotDefinitions } from '../../snapshot-definitions.ts';
import { EbsController } from './ebs-controller.ts';
import { EbsNode } from './ebs-node.ts';

const DRIVER = 'ebs.csi.aws.com';

const options = z.object({
  volumeAttachLimit: z.int().min(1).max(128).optional().describe('disks that one node says it takes; left out: by its kind of machine'),
});

const driver: CSIDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: DRIVER },
  spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: 'File' },
};

const gp3: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: DRIVER,
  parameters: { type: 'gp3' },
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
  volumeBindingMode: 'WaitForFirstConsumer',
};

/** aws-ebs-csi-driver: a disk of one zone, attached to one node at a time. */
export const ebs = definePlugin<'csi', z.infer<typeof options>>({
  interface: 'csi',
  name: 'ebs',
  description: 'Amazon EBS: disks of one zone, attached to one node at a time; they grow in use and have snapshots',
  options,
  latency: { nodeStageVolume: '20ms..60ms', nodePublishVolume: '5ms..15ms', '*': '1ms..3ms' },
  manifests: [driver, gp3],
  definitions: snapshotDefinitions,
  create({ options: { volumeAttachLimit }, cloud, host, log }) {
    const identity = {
      getPluginInfo: () => ({ name: DRIVER, vendorVersion: 'v1.40.0' }),
      getPluginCapabilities: () => ({
        capabilities: [
          { service: { type: 'CONTROLLER_SERVICE' } },
          { service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } },
          { volumeExpansion: { type: 'ONLINE' } },
        ] as const,
      }),
      probe: () => ({ ready: true }),
    };
    return host ? { identity, node: new EbsNode(host, cloud, volumeAttachLimit) } : { identity, controller: new EbsController(cloud, log) };
  },
});
