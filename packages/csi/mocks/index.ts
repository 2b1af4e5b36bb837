export { ebs } from './ebs/ebs.ts';
export { efs } from './efs/efs.ts';
