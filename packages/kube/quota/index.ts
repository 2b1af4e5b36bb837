export { isInScopes, scopesOf } from './scopes.ts';
export { addUsage, isChargedPod, isQuotaNameOf, quotaUsage, unnamedByContainers } from './usage.ts';
