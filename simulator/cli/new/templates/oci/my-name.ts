import type { CreateRequest, CreateResponse, RuntimeSpec } from '@slipway/oci';
import { OciRuntimeError } from '@slipway/oci';
import { Runc, runc } from '@slipway/oci/mocks';
import type { Host } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';

/**
 * runc that refuses containers which would get hold of certain paths of the machine.
 *
 * The container runtime calls it, and never the kubelet: `create`, `start`, `kill`, `delete` and so on. Runtime specification 1.3.0.
 */
class MyNameRuntime extends Runc {
  readonly #host: Host;
  readonly #forbidden: readonly string[];

  constructor(host: Host, forbidden: readonly string[]) {
    super(host);
    this.#host = host;
    this.#forbidden = forbidden;
  }

  /** The one thing that is changed. A bundle is a folder with `config.json`; its mounts say what comes in from the machine. */
  override create(request: CreateRequest): CreateResponse | Process<CreateResponse> {
    const path = forbiddenMount(this.#specOf(request), this.#forbidden);
    if (path !== undefined) throw new OciRuntimeError('CONFIG_INVALID', `mounting ${path} into a container is forbidden here`);
    return super.create(request);
  }

  /** Undefined where there is none that can be read: runc has its own words for that. */
  #specOf({ spec, bundle }: CreateRequest): RuntimeSpec | undefined {
    if (spec) return spec;
    const file = `${bundle}/config.json`;
    try {
      return this.#host.files.exists(file) ? (JSON.parse(this.#host.files.readText(file)) as RuntimeSpec) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The first bind mount whose source is one of the paths, or lies in it. */
export function forbiddenMount(spec: Pick<RuntimeSpec, 'mounts'> | undefined, forbidden: readonly string[]): string | undefined {
  const sources = (spec?.mounts ?? []).map(({ source = '' }) => source);
  return sources.find((source) => forbidden.some((path) => source === path || source.startsWith(`${path}/`)));
}

/** A whole runtime is many hundred lines: start from one that works, and change one thing. */
export default definePlugin({
  interface: 'oci',
  name: 'my-name',
  description: 'runc that keeps containers away from certain paths of the machine',
  options: z.strictObject({ forbidden: z.array(z.string().startsWith('/')).default(['/etc/kubernetes', '/run/containerd']) }),
  ...(runc.latency === undefined ? {} : { latency: runc.latency }),
  // Called once per node, and again when the node boots.
  create({ host, options }) {
    if (!host) throw new Error('a low-level runtime is made per node');
    return { runtime: new MyNameRuntime(host, options.forbidden) };
  },
});
