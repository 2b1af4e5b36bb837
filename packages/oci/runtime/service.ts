import { type Scalar, type Service, minutes, service } from '@slipway/kernel';
import type { ContainerRequest, OciRuntime } from './contract.ts';
import type { OciRuntimeCode } from './errors.ts';
import { createRules, execRules, killRules, stateRules } from './rules.ts';

const known: readonly OciRuntimeCode[] = ['ID_REQUIRED', 'ID_INVALID', 'UNKNOWN_CONTAINER'];
const idOf = ({ id }: ContainerRequest): string => id;
const asked = ({ id }: ContainerRequest, response: unknown): readonly Scalar[] => (response === undefined ? [id] : []);

/** Link descriptor of `OciRuntime`. */
export const ociRuntime: Service<OciRuntime> = service<OciRuntime>(
  'oci.Runtime',
  { interface: 'oci', deadline: minutes(2) },
  {
    state: {
      guard: { rules: stateRules, codes: known },
      source: 'Query State',
      subject: idOf,
      summary: (request, response) => (response === undefined ? [request.id] : [response.status, response.pid ?? 0]),
    },
    create: {
      guard: {
        rules: createRules,
        codes: ['ID_REQUIRED', 'BUNDLE_REQUIRED', 'ID_INVALID', 'ID_IN_USE', 'CONFIG_INVALID', 'HOOK_FAILED', 'PROCESS_FAILED'],
      },
      source: 'Create',
      subject: idOf,
      summary: (request, response) => (response === undefined ? [request.id, request.bundle] : [response.pid]),
    },
    start: {
      guard: { codes: [...known, 'NOT_CREATED', 'PROCESS_NOT_SET', 'PROCESS_FAILED', 'HOOK_FAILED'] },
      source: 'Start',
      subject: idOf,
      summary: asked,
    },
    kill: {
      guard: { rules: killRules, codes: [...known, 'NOT_RUNNING', 'SIGNAL_INVALID'] },
      source: 'Kill',
      subject: idOf,
      summary: (request, response) => (response === undefined ? [request.id, request.signal] : []),
    },
    delete: {
      guard: { codes: [...known, 'NOT_STOPPED', 'HOOK_FAILED'] },
      source: 'Delete',
      subject: idOf,
      summary: (request, response) => (response === undefined ? [request.id, request.force ?? false] : []),
    },
    list: {
      optional: true,
      source: 'runc-list(8)',
      summary: (_, response) => (response === undefined ? [] : [response.containers.length]),
    },
    exec: {
      guard: { rules: execRules, codes: [...known, 'NOT_RUNNING', 'PAUSED', 'PROCESS_FAILED', 'CONFIG_INVALID'] },
      // A program may run for as long as it likes; whoever asks sets the limit.
      deadline: null,
      optional: true,
      source: 'runc-exec(8)',
      subject: idOf,
      summary: (request, response) => (response === undefined ? [request.id, request.process.args?.[0] ?? ''] : [response.exitCode]),
    },
    update: {
      guard: { codes: [...known, 'NOT_RUNNING', 'CONFIG_INVALID'] },
      optional: true,
      source: 'runc-update(8)',
      subject: idOf,
      summary: asked,
    },
    pause: { guard: { codes: [...known, 'NOT_RUNNING'] }, optional: true, source: 'runc-pause(8)', subject: idOf, summary: asked },
    resume: { guard: { codes: [...known, 'NOT_PAUSED'] }, optional: true, source: 'runc-resume(8)', subject: idOf, summary: asked },
    ps: { guard: { codes: known }, optional: true, source: 'runc-ps(8)', subject: idOf, summary: asked },
    stats: {
      guard: { codes: [...known, 'NOT_RUNNING'] },
      heartbeat: true,
      optional: true,
      source: 'runc-events(8)',
      subject: idOf,
      summary: asked,
    },
    events: { guard: { codes: known }, deadline: null, optional: true, source: 'runc-events(8)', subject: idOf },
    features: { optional: true, source: 'Features Structure' },
  },
);
