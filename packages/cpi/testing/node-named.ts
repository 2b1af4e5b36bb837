import type { Node, Stored } from '@slipway/kube';

/** The Node object of a machine, as providers are asked about it. @param at last number of its address */
export function nodeNamed(name: string, at: number, providerID?: string): Stored<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `node-${at}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: providerID === undefined ? {} : { providerID },
    status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${at}` }] },
  };
}
