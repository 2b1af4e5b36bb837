export type { AdmissionPlugin, AdmissionRequest, AdmissionView, MutatingWebhook, PodSpecPlugin } from './admission/index.ts';
export { connect, type ConnectOptions } from './connect.ts';
export type { ApiServerOptions, ApiServerSetup } from './options.ts';
export { ApiServer } from './server.ts';
export type { CommittedWrite } from './store.ts';
