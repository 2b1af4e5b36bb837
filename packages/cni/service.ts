import { minutes, service, token, type Implementation, type Token } from '@slipway/kernel';
import type { Cni, Result } from './contract.ts';
import { allowedCodes, rules } from './rules.ts';

/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CNI: Token<Implementation<Cni>> = token('@slipway/cni/Cni');

/** As containerd shortens ids in its messages. */
const short = (containerId: string): string => containerId.slice(0, 12);

const addressOf = (result: Result): string => result.ips?.[0]?.address.split('/')[0] ?? '';

/** The pod that an attachment is for, from the arguments that Kubernetes runtimes give. */
function podOf({ args }: { readonly args?: Readonly<Record<string, string>> }): string | undefined {
  const name = args?.['K8S_POD_NAME'];
  return name === undefined ? undefined : `${args?.['K8S_POD_NAMESPACE'] ?? 'default'}/${name}`;
}

/**
 * The link's half of the contract. What the link itself has to say (the plugin's process died, a deadline) keeps gRPC's words, since
 * the spec has no code for it: in life the runtime then sees no error object at all.
 */
export const cniPlugin = service<Cni>(
  'cni.Plugin',
  // The spec knows no time limit; a runtime gives up with the CRI call that it is serving, after 4 minutes.
  { interface: 'cni', deadline: minutes(4) },
  {
    add: {
      guard: { rules: rules.add, codes: allowedCodes },
      summary: ({ containerId }, result) => (result ? [short(containerId), addressOf(result)] : [short(containerId)]),
      subject: podOf,
      source: 'ADD: Add container to network, or apply modifications',
    },
    del: {
      guard: { rules: rules.del, codes: allowedCodes },
      summary: ({ containerId }) => [short(containerId)],
      subject: podOf,
      source: 'DEL: Remove container from network, or un-apply modifications',
    },
    check: {
      guard: { rules: rules.check, codes: allowedCodes },
      summary: ({ containerId }) => [short(containerId)],
      subject: podOf,
      optional: true,
      source: "CHECK: Check container's networking is as expected",
    },
    gc: {
      guard: { rules: rules.gc, codes: allowedCodes },
      summary: ({ config }) => [config.name, config['cni.dev/valid-attachments']?.length ?? 0],
      optional: true,
      source: 'GC: Clean up any stale resources',
    },
    status: {
      guard: { rules: rules.status, codes: allowedCodes },
      summary: ({ config }) => [config.name],
      // Runtimes ask with each CRI Status, every few seconds.
      heartbeat: true,
      optional: true,
      source: 'STATUS: Check plugin status',
    },
    version: {
      guard: { rules: rules.version, codes: allowedCodes },
      summary: (_request, result) => (result ? [result.supportedVersions.join(',')] : []),
      optional: true,
      source: 'VERSION: probe plugin version support',
    },
  },
);
