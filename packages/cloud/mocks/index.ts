export { aws } from './aws/aws.ts';
export { AwsCloud, type AwsSurroundings } from './aws/aws-cloud.ts';
export { INSTANCE_TYPES, type InstanceType } from './aws/instance-types.ts';
export { options as awsOptions, type AwsOptions } from './aws/options.ts';
