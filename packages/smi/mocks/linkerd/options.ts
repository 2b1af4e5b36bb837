import * as z from 'zod';

const amounts = z.strictObject({
  request: z.string().optional().describe('quantity, such as 100m or 64Mi'),
  limit: z.string().optional().describe('quantity'),
});

/** Settings of the mesh; names as in the values of the chart `linkerd-control-plane`. */
export const linkerdOptions = z.strictObject({
  defaultInboundPolicy: z
    .enum(['all-unauthenticated', 'all-authenticated', 'deny'])
    .default('all-unauthenticated')
    .describe('who may reach a pod of the mesh that no TrafficTarget lets in'),
  proxyVersion: z.string().min(1).default('edge-24.11.8').describe('tag of the proxy image'),
  proxyInitVersion: z.string().min(1).default('v2.4.2').describe('tag of the image that sets up iptables'),
  resources: z
    .strictObject({ cpu: amounts.default({}), memory: amounts.default({}) })
    .default({ cpu: {}, memory: {} })
    .describe('what each proxy asks for; nothing by default'),
  nativeSidecar: z.boolean().default(false).describe('the proxy as an init container that runs on (Kubernetes 1.29)'),
});

export type LinkerdOptions = z.infer<typeof linkerdOptions>;
export type InboundPolicy = LinkerdOptions['defaultInboundPolicy'];
