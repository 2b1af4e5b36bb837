import type { ApiClient } from '@slipway/client';
import type { Host } from '@slipway/host';
import type { Node } from '@slipway/kube';
import { EmptyDir } from './empty-dir.ts';
import { HostPath } from './host-path.ts';
import { LocalVolume } from './local.ts';
import { Nfs } from './nfs.ts';
import { ObjectFiles } from './object-files.ts';
import type { VolumeKind } from './volume-kind.ts';

/** What the kinds of volume that need no driver are made from. */
export interface BuiltInKindsOptions {
  readonly api: ApiClient;
  readonly host: Host;
  readonly node: () => Node | undefined;
  readonly hostIPs: () => readonly string[];
}

/** The kinds of volume that the kubelet brings itself. */
export function builtInKinds({ api, host, node, hostIPs }: BuiltInKindsOptions): readonly VolumeKind[] {
  const source = { api, files: host.files, node, hostIPs };
  return [
    new ObjectFiles('kubernetes.io/projected', 'projected', source),
    new ObjectFiles('kubernetes.io/configmap', 'configMap', source),
    new ObjectFiles('kubernetes.io/secret', 'secret', source),
    new ObjectFiles('kubernetes.io/downward-api', 'downwardAPI', source),
    new EmptyDir(host, node),
    new HostPath(host.files),
    new LocalVolume(host),
    new Nfs(host),
  ];
}
