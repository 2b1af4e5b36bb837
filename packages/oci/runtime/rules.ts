import type { Rule } from '@slipway/kernel';
import {
  type ContainerRequest,
  type CreateRequest,
  type CreateResponse,
  type ExecRequest,
  type KillRequest,
  type State,
  statuses,
} from './contract.ts';

// That an id or a bundle is missing is the runtime's to say, by the spec; these rules hold what it leaves to callers, and what answers promise.

export const stateRules: readonly Rule<ContainerRequest, State>[] = [
  {
    id: 'oci.state.id',
    source: 'State',
    response: (request, { id }) => (id === request.id ? undefined : `asked for ${request.id}, answered ${id}`),
  },
  {
    id: 'oci.state.fields',
    source: 'State',
    response: (_, state) => {
      if (state.ociVersion === '') return 'ociVersion is missing';
      if (!statuses.includes(state.status)) return `status ${state.status} is none of the spec's`;
      return state.bundle.startsWith('/') ? undefined : `bundle "${state.bundle}" is not an absolute path`;
    },
  },
  {
    id: 'oci.state.pid',
    source: 'State',
    response: (_, { status, pid }) =>
      (status === 'created' || status === 'running') && (pid === undefined || pid <= 0) ? `a ${status} container has no pid` : undefined,
  },
];

export const createRules: readonly Rule<CreateRequest, CreateResponse>[] = [
  {
    id: 'oci.create.pid',
    source: 'runc-create(8)',
    response: (_, { pid }) => (pid > 0 ? undefined : `pid is ${pid}`),
  },
];

export const killRules: readonly Rule<KillRequest, unknown>[] = [
  {
    id: 'oci.kill.signal-required',
    source: 'Kill',
    request: ({ signal }) => (signal === '' ? 'no signal is given' : undefined),
  },
];

export const execRules: readonly Rule<ExecRequest, unknown>[] = [
  {
    id: 'oci.exec.args-required',
    source: 'Process',
    request: ({ process }) => ((process.args?.length ?? 0) > 0 ? undefined : 'process.args must have at least one entry'),
  },
  {
    id: 'oci.exec.cwd-absolute',
    source: 'Process',
    request: ({ process }) => (process.cwd.startsWith('/') ? undefined : `process.cwd "${process.cwd}" is not an absolute path`),
  },
];
