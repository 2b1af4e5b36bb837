import { must, seconds, sleep } from '@slipway/kernel';
import type { Pod, Service, Stored } from '@slipway/kube';
import { meshAccount, MeshBench, meshRule, meshSplit, type MeshSubject, meshTarget, meshTcpRoute } from '@slipway/smi/conformance';
import fc from 'fast-check';
import { assertHistories, type HistoryOptions, type ModelCommand, modelCommand } from './model-run.ts';

/** A mesh whose watches can be cut, as by a restart of the API server. */
export interface DisturbedMeshSubject extends MeshSubject {
  /** Left out: nothing goes wrong between steps. */
  readonly cutWatches?: () => void;
}

export type MeshCommand = ModelCommand<MeshModel, DisturbedMeshSubject>;

export interface MeshCommandOptions {
  /** Whether watches are cut between steps. Left out: false. */
  readonly faults?: boolean;
}

const HOME = 'shop';
const ROOT = 'web';
const BACKENDS = ['web-v1', 'web-v2'] as const;
/** Backends are Services that have the port. */
const SERVICES: readonly Service[] = [ROOT, ...BACKENDS].map((name) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: HOME },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }] },
}));
/** By then a proxy may be expected to know: after a cut, watches are opened anew. */
const KNOWN = seconds(30);

/** What proxies have to know: the split, and who may call. */
export class MeshModel {
  readonly bench: MeshBench;
  /** By Service; undefined: there is no split. */
  weights: Readonly<Record<string, number>> | undefined;
  readonly allowed = new Set<string>();
  #pods: ReadonlyMap<string, Stored<Pod>> | undefined;

  constructor(subject: MeshSubject) {
    this.bench = new MeshBench(subject);
  }

  /** A pod of the mesh with this service account; made once. */
  async pod(account: string): Promise<Stored<Pod>> {
    const known = this.#pods?.get(account);
    if (known) return known;
    const made = await this.bench.meshed(HOME, account);
    this.#pods = new Map([...(this.#pods ?? []), [account, made]]);
    return made;
  }
}

/**
 * Histories of a mesh: splits put, changed and taken away, callers allowed and no longer, and requests in between from pods inside and
 * outside. Weights of zero get nothing, a split is for clients of the mesh alone, what nothing allows is denied, injecting twice is
 * injecting once. SMI 0.6.0. What the mesh says that it does without is left out.
 */
export function meshCommands(maxCommands = 30, { faults = false }: MeshCommandOptions = {}): fc.Arbitrary<Iterable<MeshCommand>> {
  const weights = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })).filter(([first, second]) => first + second > 0);
  const account = fc.constantFrom('client', 'stranger');
  const kinds: fc.Arbitrary<MeshCommand>[] = [
    weights.map(([first, second]) => putSplit({ [BACKENDS[0]]: first, [BACKENDS[1]]: second })),
    fc.constant(removeSplit()),
    fc.boolean().map(route),
    fc.boolean().map(route),
    account.map(allow),
    account.map(forbid),
    account.map(call),
    account.map(call),
    fc.constant(injectTwice()),
    ...(faults ? [fc.constant(cut()), fc.constant(cut())] : []),
  ];
  return fc.commands<MeshModel, DisturbedMeshSubject, false>(kinds, { maxCommands, size: 'max' });
}

/** Tries many histories, each on a fresh mesh. */
export function assertMeshHistories(
  connect: () => DisturbedMeshSubject | Promise<DisturbedMeshSubject>,
  { faults = false, ...options }: HistoryOptions & MeshCommandOptions = {},
): Promise<void> {
  return assertHistories(
    (maxCommands) => meshCommands(maxCommands, { faults }),
    (subject) => new MeshModel(subject),
    connect,
    options,
  );
}

const splits = ({ bench }: Readonly<MeshModel>): boolean => bench.subject.can?.split !== false;
const controls = ({ bench }: Readonly<MeshModel>): boolean => bench.subject.can?.access === true;

/** Whatever proxies learn by watches, they know by now. */
function settle(bench: MeshBench): Promise<void> {
  return bench.subject.settle(sleep(KNOWN));
}

function putSplit(weights: Readonly<Record<string, number>>): MeshCommand {
  const text = Object.values(weights).join(':');
  return modelCommand(
    `split ${ROOT} ${text}`,
    async (model) => {
      await model.bench.put(...SERVICES, meshSplit(HOME, 'split', ROOT, weights));
      await settle(model.bench);
      model.weights = weights;
    },
    splits,
  );
}

function removeSplit(): MeshCommand {
  return modelCommand(
    `remove the split`,
    async (model) => {
      await model.bench.subject.remove(meshSplit(HOME, 'split', ROOT, model.weights ?? {}));
      await settle(model.bench);
      model.weights = undefined;
    },
    (model) => splits(model) && model.weights !== undefined,
  );
}

function route(isInside: boolean): MeshCommand {
  return modelCommand(
    `request ${ROOT} from ${isInside ? 'inside' : 'outside'}`,
    async (model) => {
      const { bench, weights } = model;
      const from = isInside ? await model.pod('client') : bench.outsider(HOME);
      const { to } = await bench.route(from, HOME, ROOT);
      const possible = isInside && weights ? Object.keys(weights).filter((name) => (weights[name] ?? 0) > 0) : [ROOT];
      must(possible.includes(to.service), `a request goes to ${possible.join(' or ')}, not to ${to.service}`);
    },
    splits,
  );
}

const targetOf = (account: string) =>
  meshTarget(HOME, `allow-${account}`, meshAccount(HOME, 'server'), [meshAccount(HOME, account)], [meshRule('TCPRoute', 'all')]);

function allow(account: string): MeshCommand {
  return modelCommand(
    `allow ${account}`,
    async ({ bench, allowed }) => {
      await bench.put(meshTcpRoute(HOME, 'all', 8080), targetOf(account));
      await settle(bench);
      allowed.add(account);
    },
    controls,
  );
}

function forbid(account: string): MeshCommand {
  return modelCommand(
    `no longer allow ${account}`,
    async ({ bench, allowed }) => {
      await bench.subject.remove(targetOf(account));
      await settle(bench);
      allowed.delete(account);
    },
    (model) => controls(model) && model.allowed.has(account),
  );
}

function call(account: string): MeshCommand {
  return modelCommand(
    `call of ${account}`,
    async (model) => {
      const isAllowed = await model.bench.allows(await model.pod(account), await model.pod('server'));
      const should = model.allowed.has(account);
      must(isAllowed === should, `${account} is ${should ? 'allowed' : 'denied'}`);
    },
    controls,
  );
}

function injectTwice(): MeshCommand {
  return modelCommand('inject a pod twice', async ({ bench }) => {
    const once = await bench.meshed(HOME, 'client');
    const twice = await bench.inject(once);
    const names = ({ spec }: Pod): string => [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name).join();
    must(names(twice) === names(once), `a pod with its proxy stays as it is: ${names(once)}`);
  });
}

function cut(): MeshCommand {
  return modelCommand('watches are cut', async ({ bench }, { cutWatches }) => {
    cutWatches?.();
    await settle(bench);
  });
}
