import type { Cni } from '@slipway/cni';
import type { CpiServices } from '@slipway/cpi';
import type { CriServices } from '@slipway/cri';
import type { CsiController, CsiIdentity, CsiNode, CsiServices } from '@slipway/csi';
import type { Host } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import type { OciRuntime, OciServices } from '@slipway/oci';
import type { OptionsSchema, Plugin, PluginContext, PluginInterface, Plugins } from '@slipway/plugin';
import type { MeshServices } from '@slipway/smi';

/** A driver that is one object with the methods of all services that it has. */
export type CsiDriverObject = Implementation<CsiIdentity> & Partial<Implementation<CsiController>> & Partial<Implementation<CsiNode>>;

/** The services of a driver, with node services that are made for each machine. */
export type CsiDriverParts = Omit<CsiServices, 'node'> & { node(host: Host): Implementation<CsiNode> };

/** What may stand for a plugin's services, by interface. */
interface Forms {
  readonly csi: CsiServices | CsiDriverParts | CsiDriverObject;
  readonly cni: Implementation<Cni>;
  readonly cri: CriServices;
  readonly oci: OciServices | Implementation<OciRuntime>;
  readonly cpi: CpiServices;
  readonly smi: MeshServices;
}

type Tested = keyof Forms & PluginInterface;
type ContextOf<I extends Tested> = PluginContext & Plugins[I]['context'];

/** A plugin of `definePlugin`, whatever its options are. */
export type TestedPlugin<I extends Tested> = Pick<Plugin<I>, 'interface' | 'name' | 'latency' | 'options'> & {
  create(context: never): Plugins[I]['services'];
};

/**
 * What is tested: a plugin of `definePlugin`, or a function that makes one, or makes the services themselves. A function that takes the
 * plugin's context is called as `create` is, once for the cluster and once for each node; one that takes nothing is called once for each world.
 */
export type Made<I extends Tested> = TestedPlugin<I> | ((context: ContextOf<I>) => TestedPlugin<I> | Forms[I]);

/** A plugin in its usual form, and whether it is made anew when it comes up again after a crash. */
export interface PluginForm<I extends Tested> {
  readonly plugin: Plugin<I>;
  readonly restarts: 'fresh' | 'kept';
}

/** The plugin for one world. What is no plugin of `definePlugin` keeps its memory when it is restarted: it has nowhere else to keep anything. */
export function pluginForm<I extends Tested>(own: I, made: Made<I>): PluginForm<I> {
  if (typeof made !== 'function') return { plugin: made as Plugin<I>, restarts: 'fresh' };
  if (made.length > 0) return { plugin: perContext(own, made), restarts: 'fresh' };
  const once = made(undefined as never);
  if (isPlugin(once)) return { plugin: once as Plugin<I>, restarts: 'fresh' };
  return {
    plugin: { interface: own, name: 'tested', create: ({ host }: ContextOf<I>) => servicesOf(own, once, host) } as Plugin<I>,
    restarts: 'kept',
  };
}

function perContext<I extends Tested>(own: I, made: (context: ContextOf<I>) => TestedPlugin<I> | Forms[I]): Plugin<I> {
  const create = (context: ContextOf<I>): Plugins[I]['services'] => {
    const one = made(context);
    if (!isPlugin(one)) return servicesOf(own, one, context.host);
    return one.create({ ...context, options: parsed(one.options) } as never);
  };
  return { interface: own, name: 'tested', create } as unknown as Plugin<I>;
}

function parsed(schema: OptionsSchema<unknown> | undefined): unknown {
  const result = schema?.safeParse({});
  return result?.success ? result.data : {};
}

function isPlugin<I extends Tested>(value: TestedPlugin<I> | Forms[I]): value is TestedPlugin<I> {
  return 'interface' in value && 'create' in value;
}

/** The services as `create` of a plugin returns them. */
function servicesOf<I extends Tested>(own: I, form: Forms[I], host: Host | undefined): Plugins[I]['services'] {
  if (own === 'csi') return csiServices(form as Forms['csi'], host) as Plugins[I]['services'];
  if (own === 'oci' && !('runtime' in form)) return { runtime: form } as Plugins[I]['services'];
  return form as unknown as Plugins[I]['services'];
}

function csiServices(form: Forms['csi'], host: Host | undefined): CsiServices {
  if ('identity' in form) {
    if (typeof form.node !== 'function') return form as CsiServices;
    const { node, ...services } = form as CsiDriverParts;
    // What runs once for the cluster has no node services.
    return host ? { identity: services.identity, node: node(host) } : services;
  }
  const driver = form as CsiDriverObject;
  return {
    identity: driver,
    ...('controllerGetCapabilities' in driver ? { controller: driver as unknown as Implementation<CsiController> } : {}),
    ...('nodeGetInfo' in driver ? { node: driver as unknown as Implementation<CsiNode> } : {}),
  };
}
