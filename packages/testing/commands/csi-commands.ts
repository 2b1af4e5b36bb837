import { CsiBench, type CsiSubject, type CsiUse } from '@slipway/csi/conformance';
import { must } from '@slipway/kernel';
import fc from 'fast-check';
import { CsiModel, type ModelVolume } from './csi-model.ts';
import { assertHistories, type HistoryOptions, type ModelCommand, modelCommand } from './model-run.ts';
import { failureOf, mustRefuse } from './refusal.ts';

export type CsiCommand = ModelCommand<CsiModel, CsiSubject>;

export interface CsiCommandOptions {
  /** Names that volumes are made under. Left out: 2. */
  readonly volumes?: number;
}

/**
 * Histories of a storage driver with a controller: volumes made, given to nodes, used, grown, taken away and deleted, each step in any
 * legal order and repeated at will, with power losses in between, against the model. Steps that the driver does not have do nothing.
 */
export function csiCommands(maxCommands = 40, { volumes = 2 }: CsiCommandOptions = {}): fc.Arbitrary<Iterable<CsiCommand>> {
  const name = fc.nat({ max: volumes - 1 }).map((number) => `volume-${number}`);
  const at = fc.nat({ max: 1 });
  const factor = fc.constantFrom(1, 2);
  const kinds: fc.Arbitrary<CsiCommand>[] = [
    // Most of what goes wrong does so on the whole way up or down, which single steps in random order seldom go.
    fc.tuple(name, at).map(([which, node]) => up(which, node)),
    fc.tuple(name, at).map(([which, node]) => up(which, node)),
    name.map(down),
    fc.tuple(name, factor).map(([which, times]) => create(which, times)),
    name.map(deleteVolume),
    fc.tuple(name, at).map(([which, node]) => attach(which, node)),
    name.map(stage),
    name.map(publish),
    fc.tuple(name, fc.string({ maxLength: 5 })).map(([which, text]) => write(which, text)),
    name.map(unpublish),
    name.map(unstage),
    name.map(detach),
    name.map(expand),
    at.map(powerCycle),
  ];
  return fc.commands<CsiModel, CsiSubject, false>(kinds, { maxCommands, size: 'max' });
}

/** Tries many histories, each on a fresh driver. @param connect a driver on two machines, such as `csiSubject` makes */
export function assertCsiHistories(
  connect: () => CsiSubject | Promise<CsiSubject>,
  options: HistoryOptions & CsiCommandOptions = {},
): Promise<void> {
  const { volumes = 2, ...rest } = options;
  return assertHistories(
    (maxCommands) => csiCommands(maxCommands, { volumes }),
    (subject) => new CsiModel(new CsiBench(subject)),
    connect,
    rest,
  );
}

/** A step after which everything must be as the model says. */
function step(title: string, act: (model: CsiModel) => Promise<void>, makesSense?: (model: CsiModel) => boolean): CsiCommand {
  const whole = async (model: CsiModel): Promise<void> => {
    await act(model);
    await model.verify();
  };
  return modelCommand(title, whole, makesSense as ((model: Readonly<CsiModel>) => boolean) | undefined);
}

/** The same name and size is the same volume; another size is refused, unless the driver knows no sizes. */
function create(name: string, times: number): CsiCommand {
  return step(
    `createVolume ${name}, size x${times}`,
    async ({ bench, volumes, deleted }) => {
      const bytes = times * bench.capacityBytes;
      const request = await bench.createRequest({ name, capacityRange: { requiredBytes: bytes, limitBytes: bytes } });
      const attempt = bench.settle(bench.controller.createVolume(request));
      const existing = volumes.get(name);
      if (existing?.volume.capacityBytes && existing.bytes !== bytes) return mustRefuse(attempt, `${name} in another size`);
      const { volume } = await attempt;
      if (existing) return must(volume.volumeId === existing.volume.volumeId, `${name} is still ${existing.volume.volumeId}`);
      for (const [other, { volume: taken }] of volumes) must(taken.volumeId !== volume.volumeId, `${name} is not the volume of ${other}`);
      volumes.set(name, { volume, bytes, grown: false, state: 'created', use: undefined, text: undefined });
      deleted.delete(name);
    },
    // Drivers differ in whether a volume that has grown since is still the one that was asked for.
    ({ volumes }) => !(volumes.get(name)?.grown ?? false),
  );
}

/** Refused while a node has the volume; succeeds for one that is gone, and for one that never was. */
function deleteVolume(name: string): CsiCommand {
  return step(`deleteVolume ${name}`, async (model) => {
    const { bench, volumes, deleted } = model;
    const inUse = model.reached(name, 'attached');
    // Without a step that gives volumes to nodes, the controller cannot know.
    if (inUse && !(await bench.has('controller:PUBLISH_UNPUBLISH_VOLUME'))) return;
    const volumeId = volumes.get(name)?.volume.volumeId ?? deleted.get(name) ?? `never-made-${name}`;
    const attempt = bench.settle(bench.controller.deleteVolume({ volumeId }));
    if (inUse) return mustRefuse(attempt, `the deletion of ${name}, which is in use,`);
    await attempt;
    if (volumes.delete(name)) deleted.set(name, volumeId);
  });
}

/** Succeeds again on the node that has the volume; another node is refused. */
function attach(name: string, at: number): CsiCommand {
  return step(
    `attach ${name} to node ${at + 1}`,
    async (model) => {
      const { bench } = model;
      const known = model.get(name);
      if (known.use === undefined) {
        known.use = await bench.attach(known.volume, { at });
        known.state = 'attached';
        return;
      }
      if (!(await bench.has('controller:PUBLISH_UNPUBLISH_VOLUME'))) return;
      const attempt = bench.settle(bench.controller.controllerPublishVolume(await bench.publishRequest({ ...known.use, at })));
      if (at === known.use.at) await attempt;
      else
        must(
          (await failureOf(attempt)) === 'FAILED_PRECONDITION',
          `${name}, which is on node ${known.use.at + 1}, is refused to node ${at + 1}`,
        );
    },
    ({ volumes }) => volumes.has(name),
  );
}

/** Succeeds again at any time before unstaging. */
function stage(name: string): CsiCommand {
  return step(
    `stage ${name}`,
    async (model) => {
      const known = model.get(name);
      await model.bench.stage(useOf(known));
      if (known.state === 'attached') known.state = 'staged';
    },
    (model) => model.reached(name, 'attached'),
  );
}

/** Succeeds again at the same path; the model's `verify` looks into it. */
function publish(name: string): CsiCommand {
  return step(
    `publish ${name}`,
    async (model) => {
      const known = model.get(name);
      await model.bench.publish(useOf(known));
      known.state = 'published';
    },
    (model) => model.reached(name, 'staged'),
  );
}

/** A workload writes, and waits until the disk has it. */
function write(name: string, text: string): CsiCommand {
  return step(
    `write ${JSON.stringify(text)} to ${name}`,
    async (model) => {
      const known = model.get(name);
      const use = useOf(known);
      if (model.bench.noFiles(use)) return;
      model.bench.write(use, 'file', text);
      known.text = text;
    },
    (model) => model.reached(name, 'published'),
  );
}

/** Succeeds also when nothing is published. */
function unpublish(name: string): CsiCommand {
  return step(
    `unpublish ${name}`,
    async (model) => {
      const known = model.get(name);
      const use = useOf(known);
      await model.bench.unpublish(use);
      if (known.state === 'published') known.state = 'staged';
      must(!model.bench.host(use.at).files.exists(use.target), `the target path of ${name} is gone`);
    },
    (model) => model.reached(name, 'attached'),
  );
}

/** Succeeds also when nothing is staged. */
function unstage(name: string): CsiCommand {
  return step(
    `unstage ${name}`,
    async (model) => {
      const known = model.get(name);
      await model.bench.unstage(useOf(known));
      known.state = 'attached';
    },
    (model) => model.reached(name, 'attached') && !model.reached(name, 'published'),
  );
}

/** Succeeds again when no node has the volume. */
function detach(name: string): CsiCommand {
  return step(
    `detach ${name}`,
    async (model) => {
      const known = model.get(name);
      await model.bench.detach(known.use ?? { volume: known.volume, at: 0 });
      known.use = undefined;
      known.state = 'created';
    },
    (model) => model.volumes.has(name) && !model.reached(name, 'staged'),
  );
}

/** Doubles what was asked for at first, the file system too when it is in use; again it changes nothing. */
function expand(name: string): CsiCommand {
  return step(
    `expand ${name}`,
    async (model) => {
      const { bench } = model;
      const known = model.get(name);
      const online = await bench.has('expansion:ONLINE');
      if (!(await bench.has('controller:EXPAND_VOLUME')) || (!online && model.reached(name, 'attached'))) return;
      const { volumeId } = known.volume;
      const capacityRange = { requiredBytes: 2 * bench.capacityBytes };
      const grown = await bench.settle(bench.controller.controllerExpandVolume({ volumeId, capacityRange }));
      must(grown.capacityBytes >= capacityRange.requiredBytes, `${name} has at least ${capacityRange.requiredBytes} bytes`);
      known.grown = true;
      if (!grown.nodeExpansionRequired || known.state !== 'published' || !(await bench.has('node:EXPAND_VOLUME'))) return;
      const { at, target: volumePath, capability: volumeCapability } = useOf(known);
      await bench.settle(bench.node(at).nodeExpandVolume({ volumeId, volumePath, capacityRange, volumeCapability }));
    },
    ({ volumes }) => volumes.has(name),
  );
}

/** All steps that are left to a published volume, from none at all. */
function up(name: string, at: number): CsiCommand {
  return step(`bring ${name} up on node ${at + 1}`, async (model) => {
    const { volumes } = model;
    if (!volumes.has(name)) await create(name, 1).run(model, model.bench.subject);
    const steps = [attach(name, volumes.get(name)?.use?.at ?? at), stage(name), publish(name)];
    for (const next of steps) await next.run(model, model.bench.subject);
  });
}

/** All steps that are left to a volume that no node has. */
function down(name: string): CsiCommand {
  return step(
    `put ${name} away`,
    async (model) => {
      for (const next of [unpublish(name), unstage(name), detach(name)]) await next.run(model, model.bench.subject);
    },
    (model) => model.reached(name, 'attached'),
  );
}

/** A node loses power and comes back: mounts are gone, what was synced is not. */
function powerCycle(at: number): CsiCommand {
  return step(`power cycle of node ${at + 1}`, async (model) => {
    await model.bench.machine(at).powerCycle();
    model.losePower(at);
  });
}

function useOf({ use, volume }: ModelVolume): CsiUse {
  must(use !== undefined, `the model knows where ${volume.volumeId} is`);
  return use;
}
