export { linkerdAgent } from './linkerd/agent.ts';
export { Injector } from './linkerd/inject.ts';
export { linkerd } from './linkerd/linkerd.ts';
export { LinkerdMesh } from './linkerd/linkerd-mesh.ts';
export { type InboundPolicy, type LinkerdOptions, linkerdOptions } from './linkerd/options.ts';
export { none } from './none.ts';
