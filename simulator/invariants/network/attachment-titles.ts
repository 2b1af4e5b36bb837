import type { Attachment } from '../facts/index.ts';

/** `default/web-1 on node-1`. */
export const describe = ({ pod, containerId, node }: Attachment): string =>
  `${pod === '' ? `sandbox ${containerId.slice(0, 13)}` : pod} on ${node === '' ? 'the host' : node}`;

/** `Pod default/web-1`, or the sandbox when the runtime does not say whose it is. */
export const titleOfAttached = ({ pod, containerId }: Pick<Attachment, 'pod' | 'containerId'>): string =>
  pod === '' ? `PodSandbox ${containerId.slice(0, 13)}` : `Pod ${pod}`;
