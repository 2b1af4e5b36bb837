import { invariant, type Latency } from '@slipway/kernel';
import { definePlugin, type Plugin } from '@slipway/plugin';
import * as z from 'zod';
import type {} from '../../plugin.ts';
import { Runc, type RuncOptions } from './runc.ts';

const options = z.strictObject({
  root: z.string().startsWith('/').optional().meta({ description: 'folder of the runtime’s records, in memory' }),
  poststopFailure: z.enum(['warn', 'retry']).optional().meta({ description: 'what becomes of a container whose poststop hook fails' }),
});

/** A runtime that is executed for each operation: what differs is how long a program takes to start. */
export function runtimePlugin(name: string, description: string, root: string, latency: Latency): Plugin<'oci', z.infer<typeof options>> {
  return definePlugin({
    interface: 'oci',
    name,
    description,
    options,
    latency,
    create({ host, options: given }) {
      invariant(host, `${name} is made once per node`);
      const chosen: RuncOptions = { root: given.root ?? root, poststopFailure: given.poststopFailure ?? 'warn' };
      return { runtime: new Runc(host, chosen) };
    },
  });
}
