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
import { kubeletDecisionNames, type KubeletParts } from '../kubelet/plugin.ts';
import type { SchedulerParts } from '../scheduler/plugin.ts';
import {
  type AnyPlugin,
  CONTROL_PLANE_INTERFACES,
  type ControlPlaneInterface,
  type ControlPlanePlugin,
  INTERFACES,
  type PluggableInterface,
} from './catalog.ts';
import { checkKeys, checkLatency, checkMisspelt } from './check-names.ts';
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
export function checkPlugin(value: unknown, where: string): AnyPlugin | ControlPlanePlugin {
  if (value === undefined) throw new PluginError(`${where} has no default export`, HOW);
  if (typeof value !== 'object' || value === null) throw new PluginError(`the default export of ${where} is no plugin`, HOW);
  const plugin = value as { interface?: unknown; name?: unknown; create?: unknown; options?: unknown; latency?: unknown; agent?: unknown };
  const known: readonly string[] = [...INTERFACES, ...CONTROL_PLANE_INTERFACES];
  if (typeof plugin.interface !== 'string' || !known.includes(plugin.interface)) {
    throw new PluginError(
      `${where}: interface is ${JSON.stringify(plugin.interface)}`,
      `write one of ${known.map((name) => `"${name}"`).join(', ')}`,
    );
  }
  if (typeof plugin.name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(plugin.name)) {
    throw new PluginError(
      `${where}: name is ${JSON.stringify(plugin.name)}`,
      'write lower-case letters, digits and dashes, for example "my-network"',
    );
  }
  checkKeys(plugin, where);
  if (typeof plugin.create !== 'function') throw new PluginError(`${where}: create is missing`, HOW);
  checkLatency(plugin.latency, methodsOf(plugin.interface), where);
  if (plugin.agent !== undefined && typeof plugin.agent !== 'function') throw new PluginError(`${where}: agent is no function`, HOW);
  if (plugin.options !== undefined && typeof (plugin.options as { safeParse?: unknown } | null)?.safeParse !== 'function')
    throw new PluginError(`${where}: options is no schema`, 'write options: z.object({ … }), with z from "zod"');
  return value as AnyPlugin | ControlPlanePlugin;
}

/** Of all its services; none of what is no service. */
function methodsOf(kind: string): readonly string[] {
  const parts = SERVICES[kind as PluggableInterface] ?? [];
  return [...new Set(parts.flatMap(({ service }) => Object.keys(service.methods)))];
}

/** @throws PluginError when the plugin belongs to another interface. */
export function expectInterface<I extends PluggableInterface | ControlPlaneInterface>(
  plugin: AnyPlugin | ControlPlanePlugin,
  kind: I,
  where: string,
): Plugin<I> {
  if (plugin.interface !== kind)
    throw new PluginError(`${where} is a ${plugin.interface} plugin, not a ${kind} plugin`, placeOf(plugin, where));
  return plugin as unknown as Plugin<I>;
}

/** Where a scenario or a flag names plugins of this sort. */
function placeOf({ interface: kind, name }: AnyPlugin | ControlPlanePlugin, where: string): string {
  if (kind === 'controller') return `write cluster: { controlPlane: { controllers: { ${name}: ${where} } } } in a scenario`;
  if (kind === 'scheduler' || kind === 'kubelet') return `write cluster: { controlPlane: { ${kind}: ${where} } } in a scenario`;
  return `write plugins.${kind}=${where}`;
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
  const members = SERVICES[plugin.interface].flatMap(({ member }) => (member === '' ? [] : [member]));
  if (SERVICES[plugin.interface][0]?.member !== '') checkMisspelt(services, members, who, 'no part of what create returns');
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
    const names = [...methods.map(([name]) => name), ...(member === '' ? members : [])];
    checkMisspelt(implementation, names, who, `no method of ${service.name}`);
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
export function parseOptions(plugin: AnyPlugin | ControlPlanePlugin, given: unknown): unknown {
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
  return madeController(plugin, 'agent', make);
}

/** Calls `create` of a controller plugin and checks what it returned. @throws PluginError */
export function createController(
  plugin: Plugin<'controller'>,
  context: Parameters<Plugin<'controller'>['create']>[0],
): ControllerDefinition {
  return madeController(plugin, 'create', () => plugin.create(context));
}

/** Calls `create` of a scheduler plugin and checks what it returned. @throws PluginError */
export function createScheduling(plugin: Plugin<'scheduler'>, context: Parameters<Plugin<'scheduler'>['create']>[0]): SchedulerParts {
  const who = `scheduler plugin "${plugin.name}"`;
  let parts: SchedulerParts;
  try {
    parts = plugin.create(context);
  } catch (error) {
    throw new PluginError(`${who} failed in create: ${messageOf(error)}`, undefined, error);
  }
  const { profile, plugins } = (parts ?? {}) as { readonly profile?: unknown; readonly plugins?: unknown };
  const named = (value: unknown): boolean => typeof (value as { name?: unknown } | null)?.name === 'string';
  if (profile === undefined && plugins === undefined)
    throw new PluginError(
      `${who}: create returned neither a profile nor plugins`,
      'return { plugins: [{ name, filter(pod, node) { … } }] }',
    );
  if (plugins !== undefined && !(Array.isArray(plugins) && plugins.every(named)))
    throw new PluginError(`${who}: plugins is no list of scheduler plugins`, 'each has a name and the extension points that it wants');
  if (profile !== undefined && !Array.isArray((profile as { plugins?: unknown } | null)?.plugins))
    throw new PluginError(`${who}: profile has no plugins`, "write profile: { schedulerName: 'default-scheduler', plugins: [{ name }] }");
  return parts;
}

/** Calls `create` of a kubelet plugin and checks what it returned. @throws PluginError */
export function createKubeletParts(plugin: Plugin<'kubelet'>, context: Parameters<Plugin<'kubelet'>['create']>[0]): KubeletParts {
  const who = `kubelet plugin "${plugin.name}"`;
  let parts: unknown;
  try {
    parts = plugin.create(context);
  } catch (error) {
    throw new PluginError(`${who} failed in create: ${messageOf(error)}`, undefined, error);
  }
  const given = typeof parts === 'object' && parts !== null ? parts : {};
  const how = `return { computePodActions(pod, observed, probes, original) { … } }; decisions are ${kubeletDecisionNames.join(', ')}`;
  const unknown = Object.keys(given).find((name) => !kubeletDecisionNames.includes(name));
  if (unknown !== undefined) throw new PluginError(`${who}: a kubelet has no decision "${unknown}"`, how);
  if (Object.keys(given).length === 0) throw new PluginError(`${who}: create returned no decision of a kubelet`, how);
  const wrong = Object.entries(given).find(([, decide]) => typeof decide !== 'function');
  if (wrong) throw new PluginError(`${who}: ${wrong[0]} is no function`, how);
  return given as KubeletParts;
}

function madeController(
  plugin: { readonly interface: string; readonly name: string },
  method: 'agent' | 'create',
  make: () => ControllerDefinition,
): ControllerDefinition {
  const who = `${plugin.interface} plugin "${plugin.name}"`;
  let definition: Partial<ControllerDefinition> | null | undefined;
  try {
    definition = make();
  } catch (error) {
    throw new PluginError(`${who} failed in ${method}: ${messageOf(error)}`, undefined, error);
  }
  if (typeof definition?.name === 'string' && Array.isArray(definition.watches) && typeof definition.reconcile === 'function')
    return definition as ControllerDefinition;
  throw new PluginError(
    `${who}: ${method} returned no controller`,
    'return defineController({ name, watches: […], *reconcile(key, context) { … } })',
  );
}
