import type { ControllerDefinition } from '@slipway/client';
import { cloudApi } from '@slipway/cloud';
import { cniPlugin } from '@slipway/cni';
import { cloudProvider, clusters, informerUser, instances, instancesV2, loadBalancer, pvLabeler, routes, zones } from '@slipway/cpi';
import { imageService, runtimeService } from '@slipway/cri';
import { csiController, csiGroupController, csiIdentity, csiNode, csiSnapshotMetadata } from '@slipway/csi';
import type { Service } from '@slipway/kernel';
import { messageOf } from '@slipway/kernel';
import { ociRuntime } from '@slipway/oci';
import type { Plugin } from '@slipway/plugin';
import { mesh } from '@slipway/smi';
import { type AnyPlugin, INTERFACES, type PluggableInterface } from './catalog.ts';
import { PluginError } from './plugin-error.ts';

const HOW = 'write: export default definePlugin({ interface: …, name: …, create(context) { return … } })';

interface ServicePart {
  /** Empty for the object itself. */
  readonly member: string;
  readonly service: Service<never>;
  /** A plugin may leave the whole service out. */
  readonly optional?: boolean;
}

const part = <S>(member: string, service: Service<S>, optional = false): ServicePart => ({
  member,
  service: service as unknown as Service<never>,
  optional,
});

/** The services that `create` returns, by the member that holds them. */
const SERVICES: Readonly<Record<PluggableInterface, readonly ServicePart[]>> = {
  oci: [part('runtime', ociRuntime)],
  cni: [part('', cniPlugin)],
  cri: [part('runtime', runtimeService), part('image', imageService)],
  csi: [
    part('identity', csiIdentity),
    part('controller', csiController, true),
    part('node', csiNode, true),
    part('groupController', csiGroupController, true),
    part('snapshotMetadata', csiSnapshotMetadata, true),
  ],
  cpi: [
    part('', cloudProvider),
    part('informerUser', informerUser, true),
    part('loadBalancer', loadBalancer, true),
    part('instances', instances, true),
    part('instancesV2', instancesV2, true),
    part('zones', zones, true),
    part('clusters', clusters, true),
    part('routes', routes, true),
    part('pvLabeler', pvLabeler, true),
  ],
  smi: [part('', mesh)],
  cloud: [part('', cloudApi)],
};

/**
 * Makes sure that a module's default export has the shape of a plugin.
 *
 * @param where how the user named it.
 * @throws PluginError
 */
export function checkPlugin(value: unknown, where: string): AnyPlugin {
  if (value === undefined) throw new PluginError(`${where} has no default export`, HOW);
  if (typeof value !== 'object' || value === null) throw new PluginError(`the default export of ${where} is no plugin`, HOW);
  const plugin = value as { interface?: unknown; name?: unknown; create?: unknown; options?: unknown; agent?: unknown };
  if (typeof plugin.interface !== 'string' || !(INTERFACES as readonly string[]).includes(plugin.interface)) {
    throw new PluginError(
      `${where}: interface is ${JSON.stringify(plugin.interface)}`,
      `write one of ${INTERFACES.map((name) => `"${name}"`).join(', ')}`,
    );
  }
  if (typeof plugin.name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(plugin.name)) {
    throw new PluginError(
      `${where}: name is ${JSON.stringify(plugin.name)}`,
      'write lower-case letters, digits and dashes, for example "my-network"',
    );
  }
  if (typeof plugin.create !== 'function') throw new PluginError(`${where}: create is missing`, HOW);
  if (plugin.agent !== undefined && typeof plugin.agent !== 'function') throw new PluginError(`${where}: agent is no function`, HOW);
  if (plugin.options !== undefined && typeof (plugin.options as { safeParse?: unknown } | null)?.safeParse !== 'function')
    throw new PluginError(`${where}: options is no schema`, 'write options: z.object({ … }), with z from "zod"');
  return value as AnyPlugin;
}

/** @throws PluginError when the plugin belongs to another interface. */
export function expectInterface<I extends PluggableInterface>(plugin: AnyPlugin, kind: I, where: string): Plugin<I> {
  if (plugin.interface !== kind)
    throw new PluginError(`${where} is a ${plugin.interface} plugin, not a ${kind} plugin`, `write plugins.${plugin.interface}=${where}`);
  return plugin as unknown as Plugin<I>;
}

/**
 * Makes sure that what `create` returned has the methods that the interface requires. Optional ones may be left out.
 *
 * @throws PluginError that names the missing methods.
 */
export function checkServices(plugin: AnyPlugin, services: unknown): void {
  const who = `${plugin.interface} plugin "${plugin.name}"`;
  if (typeof services !== 'object' || services === null)
    throw new PluginError(`${who}: create returned ${JSON.stringify(services)}`, 'return the implementation');
  if (typeof (services as { then?: unknown }).then === 'function')
    throw new PluginError(`${who}: create returned a promise`, 'make create return at once; its methods may be async');
  for (const { member, service, optional } of SERVICES[plugin.interface]) {
    const implementation: unknown = member === '' ? services : (services as Record<string, unknown>)[member];
    if (optional && implementation === undefined) continue;
    if (typeof implementation !== 'object' || implementation === null) {
      throw new PluginError(
        `${who}: create returned no ${member}`,
        `return { ${SERVICES[plugin.interface]
          .filter((one) => !one.optional)
          .map((one) => one.member)
          .join(', ')} }`,
      );
    }
    const methods = Object.entries(service.methods as Record<string, { optional?: boolean }>);
    const missing = methods
      .filter(([name, { optional }]) => !optional && typeof (implementation as Record<string, unknown>)[name] !== 'function')
      .map(([name]) => name);
    if (missing.length > 0) {
      throw new PluginError(
        `${who} lacks ${missing.length === 1 ? 'the method' : 'the methods'} ${missing.join(', ')}`,
        `add ${missing.length === 1 ? 'it' : 'them'}; see ${service.name} in @slipway/${plugin.interface}`,
      );
    }
  }
}

/**
 * The plugin's options as its schema makes them.
 *
 * @throws PluginError with the path of each mistake.
 */
export function parseOptions(plugin: AnyPlugin, given: unknown): unknown {
  const who = `${plugin.interface} plugin "${plugin.name}"`;
  const { options: schema } = plugin;
  if (!schema) {
    if (given !== undefined && Object.keys(given as object).length > 0) throw new PluginError(`${who} takes no options`, 'remove them');
    return {};
  }
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'options'}: ${message}`);
  throw new PluginError(`${who} refuses its options: ${issues.join('; ')}`, '`slipway plugins` lists what it takes');
}

/** Calls `create` and checks what it returned. @throws PluginError */
export function createServices<I extends PluggableInterface>(
  plugin: Plugin<I>,
  context: Parameters<Plugin<I>['create']>[0],
): ReturnType<Plugin<I>['create']> {
  let services: ReturnType<Plugin<I>['create']>;
  try {
    services = plugin.create(context) as ReturnType<Plugin<I>['create']>;
  } catch (error) {
    throw new PluginError(`${plugin.interface} plugin "${plugin.name}" failed in create: ${messageOf(error)}`, undefined, error);
  }
  checkServices(plugin as unknown as AnyPlugin, services);
  return services;
}

/** Calls `agent` and checks that it returned a controller. @throws PluginError */
export function createAgent(
  plugin: { readonly interface: string; readonly name: string },
  make: () => ControllerDefinition,
): ControllerDefinition {
  const who = `${plugin.interface} plugin "${plugin.name}"`;
  let definition: Partial<ControllerDefinition> | null | undefined;
  try {
    definition = make();
  } catch (error) {
    throw new PluginError(`${who} failed in agent: ${messageOf(error)}`, undefined, error);
  }
  if (typeof definition?.name === 'string' && Array.isArray(definition.watches) && typeof definition.reconcile === 'function')
    return definition as ControllerDefinition;
  throw new PluginError(
    `${who}: agent returned no controller`,
    'return defineController({ name, watches: […], *reconcile(key, context) { … } })',
  );
}
