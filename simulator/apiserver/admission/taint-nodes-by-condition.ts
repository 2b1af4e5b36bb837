import { type KindMap, taintKeys, withTaint } from '@slipway/kube';
import type { AdmissionPlugin } from './admission.ts';

/** A new node takes no pods before its first good report. Source: `plugin/pkg/admission/nodetaint/admission.go`. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  operations: ['create'],
  admit({ object }) {
    const node = object as KindMap['nodes'];
    const taints = withTaint(node.spec?.taints, { key: taintKeys.notReady, effect: 'NoSchedule' });
    return taints === node.spec?.taints ? node : { ...node, spec: { ...node.spec, taints } };
  },
};
