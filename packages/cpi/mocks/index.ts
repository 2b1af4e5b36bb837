export { aws, awsProvider } from './aws/aws.ts';
export { kind, kindProvider } from './kind/kind.ts';
export { none } from './none.ts';
