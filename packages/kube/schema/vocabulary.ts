// The small vocabularies of `types/scalars.ts`.

import type * as t from '../types/index.ts';
import type * as z from 'zod';
import { oneOf } from './build.ts';

export const conditionStatus: z.ZodType<t.ConditionStatus> = oneOf('True', 'False', 'Unknown');
export const protocol: z.ZodType<t.Protocol> = oneOf('TCP', 'UDP', 'SCTP');
export const restartPolicy: z.ZodType<t.RestartPolicy> = oneOf('Always', 'OnFailure', 'Never');
export const pullPolicy: z.ZodType<t.PullPolicy> = oneOf('Always', 'Never', 'IfNotPresent');
export const taintEffect: z.ZodType<t.TaintEffect> = oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute');
export const podPhase: z.ZodType<t.PodPhase> = oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown');
export const podQOSClass: z.ZodType<t.PodQOSClass> = oneOf('Guaranteed', 'Burstable', 'BestEffort');
export const serviceType: z.ZodType<t.ServiceType> = oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName');
export const ipFamily: z.ZodType<t.IPFamily> = oneOf('IPv4', 'IPv6');
export const accessMode: z.ZodType<t.AccessMode> = oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod');
