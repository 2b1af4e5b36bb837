import type { CniSubjectOptions, CpiSurroundings, CriSurroundings, CsiSurroundings, MeshSubjectOptions } from './subjects/index.ts';
import { describe, it } from 'vitest';
import type { Made } from './plugin-forms.ts';
import type { PluginTestOptions } from './plugin-parts.ts';
import {
  describeCloudProvider,
  describeCniPlugin,
  describeCriRuntime,
  describeCsiDriver,
  describeMesh,
  describeOciRuntime,
} from './plugin-tests.ts';

export type { CsiDriverObject, Made } from './plugin-forms.ts';
export type { PluginTestOptions, TestPart } from './plugin-parts.ts';

const runner = { describe, it };

/**
 * Tests a storage driver: every case of CSI that applies to it, histories on two machines, faults and restarts between any two calls, and
 * several side-cars at once. A failure prints the shortest story that fails, with seed and path to repeat it.
 *
 * ```ts
 * import { testCsiDriver } from '@slipway/testing/vitest';
 * testCsiDriver(() => new MyDriver());
 * ```
 *
 * @param driver a plugin, or a function that makes one: `{ identity, controller, node }`, or one object with the methods of all of them
 */
export function testCsiDriver(driver: Made<'csi'>, options: PluginTestOptions & CsiSurroundings = {}): void {
  describeCsiDriver(runner, driver, options);
}

/**
 * Tests a network plugin alone on a machine.
 *
 * @param options `config` is what the plugin reads; `capacity`, how many addresses that gives, makes leaks visible
 */
export function testCniPlugin(plugin: Made<'cni'>, options: PluginTestOptions & CniSubjectOptions): void {
  describeCniPlugin(runner, plugin, options);
}

/** Tests a container runtime. @param options `cni`, `oci` and `registry` are what it stands on */
export function testCriRuntime(runtime: Made<'cri'>, options: PluginTestOptions & CriSurroundings): void {
  describeCriRuntime(runner, runtime, options);
}

/** Tests a low-level runtime on a machine of its own. */
export function testOciRuntime(runtime: Made<'oci'>, options: PluginTestOptions & { readonly options?: unknown } = {}): void {
  describeOciRuntime(runner, runtime, options);
}

/** Tests a cloud provider before a small cloud with two machines. */
export function testCloudProvider(provider: Made<'cpi'>, options: PluginTestOptions & CpiSurroundings = {}): void {
  describeCloudProvider(runner, provider, options);
}

/** Tests a mesh. @param options `can` says what it does as it is set up; what it leaves open, cases find out */
export function testMesh(mesh: Made<'smi'>, options: PluginTestOptions & MeshSubjectOptions = {}): void {
  describeMesh(runner, mesh, options);
}
