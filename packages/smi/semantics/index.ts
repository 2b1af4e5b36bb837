export * from './http-routes.ts';
export * from './identity.ts';
export * from './port-routes.ts';
export * from './traffic-split.ts';
export * from './traffic-target.ts';
