import type { OciDistribution } from './distribution/contract.ts';
import type { OciRuntime } from './runtime/contract.ts';

// How the contracts' methods stand to the specs' tables in spec.json, which a test compares with this.

/** An HTTP request as the distribution spec has it. */
export interface DistributionMethod {
  /** Ids of the endpoints that the method stands for. */
  readonly endpoints: readonly string[];
  readonly verb: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** HTTP status of each good answer. */
  readonly success: readonly number[];
  readonly category: 'Pull' | 'Push' | 'Content Discovery' | 'Content Management';
}

export const distributionMethods: { readonly [M in keyof OciDistribution]-?: DistributionMethod } = {
  checkApi: { endpoints: ['end-1'], verb: 'GET', success: [200], category: 'Pull' },
  getBlob: { endpoints: ['end-2'], verb: 'GET', success: [200], category: 'Pull' },
  headBlob: { endpoints: ['end-2'], verb: 'HEAD', success: [200], category: 'Pull' },
  getManifest: { endpoints: ['end-3'], verb: 'GET', success: [200], category: 'Pull' },
  headManifest: { endpoints: ['end-3'], verb: 'HEAD', success: [200], category: 'Pull' },
  startUpload: { endpoints: ['end-4a'], verb: 'POST', success: [202], category: 'Push' },
  uploadBlob: { endpoints: ['end-4b'], verb: 'POST', success: [201, 202], category: 'Push' },
  uploadChunk: { endpoints: ['end-5'], verb: 'PATCH', success: [202], category: 'Push' },
  completeUpload: { endpoints: ['end-6'], verb: 'PUT', success: [201], category: 'Push' },
  putManifest: { endpoints: ['end-7'], verb: 'PUT', success: [201], category: 'Push' },
  mountBlob: { endpoints: ['end-11'], verb: 'POST', success: [201, 202], category: 'Push' },
  getUploadStatus: { endpoints: ['end-13'], verb: 'GET', success: [204], category: 'Push' },
  cancelUpload: { endpoints: ['end-14'], verb: 'DELETE', success: [204], category: 'Push' },
  listTags: { endpoints: ['end-8a', 'end-8b'], verb: 'GET', success: [200], category: 'Content Discovery' },
  listReferrers: { endpoints: ['end-12a', 'end-12b'], verb: 'GET', success: [200], category: 'Content Discovery' },
  deleteManifest: { endpoints: ['end-9'], verb: 'DELETE', success: [202], category: 'Content Management' },
  deleteBlob: { endpoints: ['end-10'], verb: 'DELETE', success: [202], category: 'Content Management' },
};

/** Whether a runtime's method is an operation of the spec, and its arguments there. */
export const runtimeMethods: { readonly [M in keyof OciRuntime]-?: { readonly operation: boolean; readonly args: readonly string[] } } = {
  state: { operation: true, args: ['id'] },
  create: { operation: true, args: ['id', 'bundle'] },
  start: { operation: true, args: ['id'] },
  kill: { operation: true, args: ['id', 'signal'] },
  delete: { operation: true, args: ['id'] },
  list: { operation: false, args: [] },
  exec: { operation: false, args: ['id', 'process'] },
  update: { operation: false, args: ['id', 'resources'] },
  pause: { operation: false, args: ['id'] },
  resume: { operation: false, args: ['id'] },
  ps: { operation: false, args: ['id'] },
  stats: { operation: false, args: ['id'] },
  events: { operation: false, args: ['id'] },
  features: { operation: false, args: [] },
};
