import type { Plugin } from '@slipway/plugin';
import { Container } from 'inversify';
import { token, type Token } from '@slipway/kernel';
import { builtIn, type ControlPlaneInterface, DEFAULTS, type PluggableInterface } from './catalog.ts';
import { parseOptions } from './check-plugin.ts';
import type { Chosen, ClusterPlugins, NodePlugins } from './chosen.ts';
import { PluginError } from './plugin-error.ts';
import type { ControlPlanePlugins } from './replaced-parts.ts';
import { World, type WorldOptions } from './world.ts';

/** What somebody chose for an interface: a plugin (built in by its name, or loaded) and its options. */
export interface PluginChoice {
  readonly use?: Plugin | string;
  readonly with?: unknown;
}

/** One plugin for each interface; for storage a list of drivers. */
export type PluginChoices = { readonly [I in Exclude<PluggableInterface, 'csi'>]?: PluginChoice } & {
  readonly csi?: readonly PluginChoice[];
  readonly controlPlane?: ControlPlaneChoices;
};

/** Parts of the control plane that somebody replaces. */
export interface ControlPlaneChoices {
  readonly scheduler?: PluginChoice;
  /** Of every node. */
  readonly kubelet?: PluginChoice;
  /** By name of the built-in controller that is replaced, or of one that is added. */
  readonly controllers?: { readonly [name: string]: PluginChoice };
}

/** Makes worlds that differ in all but their plugins. */
export type WorldFactory = (options: Omit<WorldOptions, 'plugins'>) => World;

const OCI: Token<Chosen<Plugin<'oci'>>> = token('@slipway/wiring/oci');
const CNI: Token<Chosen<Plugin<'cni'>>> = token('@slipway/wiring/cni');
const CRI: Token<Chosen<Plugin<'cri'>>> = token('@slipway/wiring/cri');
const CSI: Token<readonly Chosen<Plugin<'csi'>>[]> = token('@slipway/wiring/csi');
const CPI: Token<Chosen<Plugin<'cpi'>>> = token('@slipway/wiring/cpi');
const SMI: Token<Chosen<Plugin<'smi'>>> = token('@slipway/wiring/smi');
const CLOUD: Token<Chosen<Plugin<'cloud'>>> = token('@slipway/wiring/cloud');
const CONTROL_PLANE: Token<ControlPlanePlugins> = token('@slipway/wiring/controlPlane');
const NODE_PLUGINS: Token<NodePlugins> = token('@slipway/wiring/NodePlugins');
const CLUSTER_PLUGINS: Token<ClusterPlugins> = token('@slipway/wiring/ClusterPlugins');
const WORLD_FACTORY: Token<WorldFactory> = token('@slipway/wiring/WorldFactory');

/**
 * Resolves the choices once; every world after that is made by plain calls.
 *
 * @throws PluginError for a name that nobody has, or options that a plugin refuses.
 */
export function worldFactory(choices: PluginChoices = {}): WorldFactory {
  return container(choices).get<WorldFactory>(WORLD_FACTORY);
}

/** The plugins of one node, for nodes that differ from the rest. @throws PluginError */
export function nodePlugins(choices: PluginChoices): NodePlugins {
  return container(choices).get<NodePlugins>(NODE_PLUGINS);
}

function container(choices: PluginChoices): Container {
  const bindings = new Container();
  bindings.bind<Chosen<Plugin<'oci'>>>(OCI).toConstantValue(chosen('oci', choices.oci));
  bindings.bind<Chosen<Plugin<'cni'>>>(CNI).toConstantValue(chosen('cni', choices.cni));
  bindings.bind<Chosen<Plugin<'cri'>>>(CRI).toConstantValue(chosen('cri', choices.cri));
  bindings.bind<readonly Chosen<Plugin<'csi'>>[]>(CSI).toConstantValue(drivers(choices.csi));
  bindings.bind<Chosen<Plugin<'cpi'>>>(CPI).toConstantValue(chosen('cpi', choices.cpi));
  bindings.bind<Chosen<Plugin<'smi'>>>(SMI).toConstantValue(chosen('smi', choices.smi));
  bindings.bind<Chosen<Plugin<'cloud'>>>(CLOUD).toConstantValue(chosen('cloud', choices.cloud));
  bindings.bind<ControlPlanePlugins>(CONTROL_PLANE).toConstantValue(replacements(choices.controlPlane));
  bindings
    .bind<NodePlugins>(NODE_PLUGINS)
    .toResolvedValue(
      (oci: Chosen<Plugin<'oci'>>, cni: Chosen<Plugin<'cni'>>, cri: Chosen<Plugin<'cri'>>): NodePlugins => ({ oci, cni, cri }),
      [OCI, CNI, CRI],
    )
    .inSingletonScope();
  bindings
    .bind<ClusterPlugins>(CLUSTER_PLUGINS)
    .toResolvedValue(
      (
        node: NodePlugins,
        csi: readonly Chosen<Plugin<'csi'>>[],
        cpi: Chosen<Plugin<'cpi'>>,
        smi: Chosen<Plugin<'smi'>>,
        cloud: Chosen<Plugin<'cloud'>>,
        controlPlane: ControlPlanePlugins,
      ): ClusterPlugins => ({ ...node, csi, cpi, smi, cloud, controlPlane }),
      [NODE_PLUGINS, CSI, CPI, SMI, CLOUD, CONTROL_PLANE],
    )
    .inSingletonScope();
  bindings
    .bind<WorldFactory>(WORLD_FACTORY)
    .toResolvedValue(
      (plugins: ClusterPlugins): WorldFactory =>
        (options) =>
          new World({ ...options, plugins }),
      [CLUSTER_PLUGINS],
    )
    .inSingletonScope();
  return bindings;
}

/** Storage drivers; each plugin at most once, since its name names the driver. */
function drivers(choices: readonly PluginChoice[] = DEFAULTS.csi.map((use) => ({ use }))): readonly Chosen<Plugin<'csi'>>[] {
  const found = choices.map((choice) => chosen('csi', choice));
  const names = found.map(({ plugin }) => plugin.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new PluginError(`csi plugin "${twice}" is named twice`, 'name each driver once');
  return found;
}

function replacements({ scheduler, kubelet, controllers = {} }: ControlPlaneChoices = {}): ControlPlanePlugins {
  const names = Object.keys(controllers).sort();
  return {
    ...(scheduler === undefined ? {} : { scheduler: replacement('scheduler', scheduler) }),
    ...(kubelet === undefined ? {} : { kubelet: replacement('kubelet', kubelet) }),
    controllers: names.map((name) => [name, replacement('controller', controllers[name] ?? {})] as const),
  };
}

/** None of these is built in, so that each is a loaded plugin. */
function replacement<I extends ControlPlaneInterface>(kind: I, { use, with: options }: PluginChoice): Chosen<Plugin<I>> {
  if (use === undefined || typeof use === 'string')
    throw new PluginError(
      `there is no ${kind} plugin ${use === undefined ? 'named' : `"${use}"`}`,
      `none is built in; one of your own is named by its path, for example ./my-${kind}.ts`,
    );
  const plugin = use as unknown as Plugin<I>;
  return { plugin, options: parseOptions(plugin as never, options) };
}

function chosen<I extends PluggableInterface>(kind: I, choice: PluginChoice = {}): Chosen<Plugin<I>> {
  const use = choice.use ?? (DEFAULTS[kind][0] as string);
  const plugin = typeof use === 'string' ? builtIn(kind, use) : (use as unknown as Plugin<I>);
  return { plugin, options: parseOptions(plugin as never, choice.with) };
}
