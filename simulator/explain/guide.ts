import { apiGuide, decisionGuide } from './guide/api.ts';
import { cloudGuide } from './guide/cloud.ts';
import { cniGuide } from './guide/cni.ts';
import { cpiGuides } from './guide/cpi.ts';
import { imageGuide, runtimeGuide } from './guide/cri.ts';
import { csiGuides } from './guide/csi.ts';
import type { Guide } from './guide/entry.ts';
import { ociDistributionGuide, ociRuntimeGuide } from './guide/oci.ts';
import { smiGuide } from './guide/smi.ts';

export type { Guide } from './guide/entry.ts';

const GUIDES: ReadonlyMap<string, Guide> = new Map(
  [
    runtimeGuide,
    imageGuide,
    cniGuide,
    ...csiGuides,
    ...cpiGuides,
    smiGuide,
    ociRuntimeGuide,
    ociDistributionGuide,
    cloudGuide,
    apiGuide,
    decisionGuide,
  ].flatMap((guide) => [...guide]),
);

/**
 * What a newcomer should know of a call or decision: why it is made, the spec section, and what would follow if it failed here.
 *
 * @param name as the trace has it: `cri.RuntimeService/RunPodSandbox`, `scheduler/schedule`.
 * @returns undefined for a name that is no method of Slipway's contracts, such as a visitor's own service.
 */
export function guideTo(name: string): Guide | undefined {
  return GUIDES.get(name);
}

/** Every name that has a guide, sorted. */
export function guidedNames(): readonly string[] {
  return [...GUIDES.keys()].sort();
}
