import type { AttachmentRequest, PluginConfig, Result } from '@slipway/cni';
import type { CniSubject } from '@slipway/cni/conformance';
import { must } from '@slipway/kernel';
import fc from 'fast-check';
import { CniModel } from './cni-model.ts';
import { assertHistories, type HistoryOptions, type ModelCommand, modelCommand } from './model-run.ts';
import { mustRefuse, ranIfThere } from './refusal.ts';

export type CniCommand = ModelCommand<CniModel, CniSubject>;

export interface CniCommandOptions {
  /** Containers that come and go; together with `interfaces` more than the pool has room for. Left out: 4. */
  readonly containers?: number;
  /** Interfaces that each of them may have. Left out: `eth0` and `net1`. */
  readonly interfaces?: readonly string[];
  /** Whether ADD also comes for an interface that is there, which a runtime must not do and a plugin must refuse unharmed. Left out: true. */
  readonly repeatedAdd?: boolean;
}

/** A container and one of its interfaces. */
interface Slot {
  readonly containerId: string;
  readonly ifname: string;
}

const keyOf = ({ containerId, ifname }: Slot): string => `${containerId}/${ifname}`;

/**
 * Histories of a network plugin: ADD, DEL, CHECK and GC in any order, with namespaces that vanish in between, against the model.
 *
 * The subject's `capacity` makes leaks visible: without it, an address that DEL keeps is never missed. CHECK and GC may be missing.
 */
export function cniCommands(
  maxCommands = 40,
  { containers = 4, interfaces = ['eth0', 'net1'], repeatedAdd = true }: CniCommandOptions = {},
): fc.Arbitrary<Iterable<CniCommand>> {
  const container = fc.nat({ max: containers - 1 }).map((number) => `sandbox-${number}`);
  const slot = fc.record({ containerId: container, ifname: fc.constantFrom(...interfaces) });
  const kinds: fc.Arbitrary<CniCommand>[] = [
    slot.map((where) => add(where, repeatedAdd)),
    slot.map((where) => add(where, repeatedAdd)),
    fc.tuple(slot, fc.boolean(), fc.boolean()).map(([where, remembers, named]) => del(where, remembers, named)),
    slot.map(check),
    container.map(loseNamespace),
    fc.constant(collect()),
  ];
  return fc.commands<CniModel, CniSubject, false>(kinds, { maxCommands, size: 'max' });
}

/** Tries many histories, each on a fresh plugin. @param connect a plugin alone on its machine, such as `cniSubject` makes */
export function assertCniHistories(
  connect: () => CniSubject | Promise<CniSubject>,
  options: HistoryOptions & CniCommandOptions = {},
): Promise<void> {
  const { containers = 4, interfaces = ['eth0', 'net1'], repeatedAdd = true, ...rest } = options;
  return assertHistories(
    (maxCommands) => cniCommands(maxCommands, { containers, interfaces, repeatedAdd }),
    (subject) => new CniModel(subject),
    connect,
    rest,
  );
}

function requestOf({ config }: CniSubject, slot: Slot, netns: string, prevResult?: Result): AttachmentRequest {
  const { containerId, ifname } = slot;
  const known: PluginConfig = prevResult === undefined ? config : { ...config, prevResult };
  const args = { K8S_POD_NAMESPACE: 'default', K8S_POD_NAME: `pod-of-${containerId}`, K8S_POD_INFRA_CONTAINER_ID: containerId };
  return { containerId, ifname, netns, args, config: known };
}

/** Refused when the container has the interface, and when the pool is empty; otherwise addresses that nobody has. */
function add(slot: Slot, repeatedAdd: boolean): CniCommand {
  const key = keyOf(slot);
  return modelCommand<CniModel, CniSubject>(
    `ADD ${key}`,
    async (model, subject) => {
      const { containerId, ifname } = slot;
      const netns = model.namespaces.get(containerId) ?? subject.makeNamespace();
      model.namespaces.set(containerId, netns);
      const attempt = subject.settle(subject.cni.add(requestOf(subject, slot, netns)));
      if (model.attached.has(key)) await mustRefuse(attempt, `a second ADD of ${key}`);
      else if (model.full) await mustRefuse(attempt, `ADD of ${key} with no address left`);
      else {
        const result = await attempt;
        const addresses = (result.ips ?? []).map(({ address }) => address.split('/')[0] ?? '');
        for (const address of addresses) {
          const holder = model.holderOf(address);
          must(holder === undefined, `${address}, given to ${key}, is free (${holder} has it)`);
        }
        model.enter(key, { containerId, ifname, result, addresses });
      }
      model.verify(subject);
    },
    // A sandbox whose namespace is lost gets no other one before the runtime has deleted all that it had.
    (model) => (model.namespaces.has(slot.containerId) || !model.has(slot.containerId)) && (repeatedAdd || !model.attached.has(key)),
  );
}

/** Succeeds always, and leaves no interface. @param remembers the runtime still has the result @param named it names a namespace that is gone */
function del(slot: Slot, remembers: boolean, named: boolean): CniCommand {
  const key = keyOf(slot);
  const details = [remembers ? '' : ' without prevResult', named ? '' : ' without a namespace that is gone'].join('');
  return modelCommand(`DEL ${key}${details}`, async (model, subject) => {
    const { containerId, ifname } = slot;
    const there = model.namespaces.get(containerId);
    const path = there ?? (named ? model.lost.get(containerId) : undefined);
    const result = model.attached.get(key)?.result ?? model.left.get(key);
    const { netns: _, ...request } = requestOf(subject, slot, '', remembers ? result : undefined);
    await subject.settle(subject.cni.del(path === undefined ? request : { ...request, netns: path }));
    model.leave(key);
    const left = there === undefined ? undefined : subject.host.network.get(there);
    must(!(left?.interfaces.has(ifname) ?? false), `${ifname} is gone from ${containerId} after DEL`);
    model.verify(subject);
  });
}

/** Content with who is in, not with who has left. */
function check(slot: Slot): CniCommand {
  const key = keyOf(slot);
  return modelCommand<CniModel, CniSubject>(
    `CHECK ${key}`,
    async (model, subject) => {
      const netns = model.namespaces.get(slot.containerId) ?? '';
      const inside = model.attached.get(key)?.result;
      const attempt = ranIfThere(subject.settle(subject.cni.check(requestOf(subject, slot, netns, inside ?? model.left.get(key)))));
      if (inside !== undefined) await attempt;
      else {
        const [outcome] = await Promise.allSettled([attempt]);
        must(outcome.status === 'rejected' || !outcome.value, `CHECK of ${key}, which has left, fails`);
      }
    },
    ({ attached, left, namespaces }) => namespaces.has(slot.containerId) && (attached.has(key) || left.has(key)),
  );
}

/** The sandbox dies without DEL, as when the machine loses it: what was given out stays given out. */
function loseNamespace(containerId: string): CniCommand {
  return modelCommand<CniModel, CniSubject>(
    `lose the namespace of ${containerId}`,
    async (model, subject) => {
      const path = model.namespaces.get(containerId) ?? '';
      subject.host.network.delete(path);
      model.namespaces.delete(containerId);
      model.lost.set(containerId, path);
      model.verify(subject);
    },
    ({ namespaces }) => namespaces.has(containerId),
  );
}

/** Frees what belongs to namespaces that are gone, and nothing else. */
function collect(): CniCommand {
  return modelCommand('GC', async (model, subject) => {
    const stale = model.stale();
    const valid = [...model.attached.entries()]
      .filter(([key]) => !stale.includes(key))
      .map(([, { containerId, ifname }]) => ({ containerID: containerId, ifname }));
    const config = { ...subject.config, 'cni.dev/valid-attachments': valid };
    if (await ranIfThere(subject.settle(subject.cni.gc({ config })))) for (const key of stale) model.leave(key);
    model.verify(subject);
  });
}
