import { nodeLabels } from '@slipway/kube';
import type { AdmissionView } from './admission.ts';

/**
 * Labels of the node that a pod gets when it is bound. Runs on the binding, so it is no plug-in of the chain.
 * Source: `plugin/pkg/admission/podtopologylabels/admission.go`.
 */
export function podTopologyLabels(nodeName: string, view: AdmissionView): { readonly [key: string]: string } | undefined {
  const labels = view.get('nodes', undefined, nodeName)?.metadata.labels;
  if (!labels) return undefined;
  const zone = labels[nodeLabels.zone];
  const region = labels[nodeLabels.region];
  if (zone === undefined && region === undefined) return undefined;
  return { ...(zone === undefined ? {} : { [nodeLabels.zone]: zone }), ...(region === undefined ? {} : { [nodeLabels.region]: region }) };
}
