import { definePlugin } from '@slipway/plugin';
import type { Namespace } from '@slipway/kube';
import { smiCrdsOf } from '../../crds.ts';
import { ACCESS_GROUP, SPECS_GROUP, SPLIT_GROUP } from '../../kinds.ts';
import { linkerdAgent } from './agent.ts';
import { LinkerdMesh } from './linkerd-mesh.ts';
import { linkerdOptions, type LinkerdOptions } from './options.ts';
import { ADMISSION_WEBHOOKS, LINKERD_NAMESPACE } from './words.ts';

const namespace: Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: LINKERD_NAMESPACE,
    labels: { 'linkerd.io/is-control-plane': 'true', [ADMISSION_WEBHOOKS]: 'disabled' },
    annotations: { 'linkerd.io/inject': 'disabled' },
  },
};

/** Newer than Linkerd is the working draft that IdentityBinding belongs to. */
const served = smiCrdsOf(ACCESS_GROUP, SPECS_GROUP, SPLIT_GROUP).filter(({ spec }) => spec.names.kind !== 'IdentityBinding');

/**
 * Linkerd with its SMI extension. In life the extension has splits alone and Linkerd's own kinds say who may reach whom; here
 * TrafficTargets do, within Linkerd's default inbound policies, so that all of SMI has a mesh to be tried with.
 */
export const linkerd = definePlugin<'smi', LinkerdOptions>({
  interface: 'smi',
  name: 'linkerd',
  description: 'Proxies at admission, account identities, splits, access by TrafficTargets, metrics over 30 s.',
  options: linkerdOptions,
  // Admission is a call to a pod of the control plane; all else a proxy decides on the spot.
  latency: { inject: '5ms..15ms', metrics: '10ms..30ms', '*': 0 },
  manifests: [namespace, ...served],
  agent: () => linkerdAgent(),
  create: ({ options, api, now }) => new LinkerdMesh({ options, api, now }),
});
