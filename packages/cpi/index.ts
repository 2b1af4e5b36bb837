import './plugin.ts';

export * from './balancers.ts';
export * from './clients.ts';
export * from './contract.ts';
export * from './errors.ts';
export * from './messages.ts';
export * from './plugin.ts';
export { allowedCodes, invalidAddresses, invalidProviderId, invalidStatus, rules } from './rules.ts';
export * from './service.ts';
