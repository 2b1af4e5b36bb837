import { Host, type ProgramResolver } from '@slipway/host';
import { type Client, type Implementation, Kernel, link, type MethodDescriptor, type Process, type Service } from '@slipway/kernel';
import type { CsiNode } from '../contract.ts';
import type { CsiSubject, CsiSubjectNode } from '../conformance.ts';
import { csiController, csiGroupController, csiIdentity, csiNode, csiSnapshotMetadata } from '../service.ts';
import { type DriverParts, memoryDriver } from './memory-driver.ts';

/** Nothing runs on these machines. */
const idle: ProgramResolver = {
  resolve: () => ({
    name: 'none',
    *run() {
      return 0;
    },
  }),
};

/** A subject that keeps what its driver did against the spec. */
export interface MemorySubject extends CsiSubject {
  readonly kernel: Kernel;
  /** `rule: what is wrong`, in order. */
  readonly breaches: readonly string[];
}

/**
 * A driver on two machines, for `csiCases`.
 *
 * @param breaks changes the parts of the in-memory driver, to see a case fail
 * @param guarded false: links check no request, so that wrong ones reach the driver as they would without Slipway
 */
export function memorySubject(breaks: (good: Required<DriverParts>) => DriverParts = (good) => good, guarded = true): MemorySubject {
  const kernel = new Kernel({ seed: 'csi' });
  const breaches: string[] = [];
  kernel.events.on('breach', ({ side, call, rule, message }) => {
    if (side === 'plugin') breaches.push(`${call} broke ${rule}: ${message}`);
  });
  const parts = breaks(memoryDriver(() => BigInt(kernel.unixMicros) * 1000n));
  const [caller, driver] = [kernel.owner('kubernetes'), kernel.owner('csi/memory')];
  const clientOf = <S>(implementation: Implementation<S>, service: Service<S>, to = driver): Client<S> =>
    link(implementation, { service: guarded ? service : withoutGuard(service), from: caller, to });
  const makeNode = (name: string): CsiSubjectNode => {
    const host = new Host({ name, kernel, programs: idle, addresses: [] });
    let node: Client<CsiNode> | undefined;
    const start = (): void => {
      node = parts.node && clientOf(parts.node(host), csiNode, host.owner.child('csi/memory'));
    };
    start();
    return {
      name,
      host,
      get node() {
        return node;
      },
      identity: clientOf(parts.identity, csiIdentity),
      async powerCycle() {
        host.powerOff();
        host.powerOn();
        start();
      },
    };
  };
  const { identity, controller, groupController, snapshotMetadata } = parts;
  return {
    kernel,
    breaches,
    identity: clientOf(identity, csiIdentity),
    ...(controller && { controller: clientOf(controller, csiController) }),
    ...(groupController && { groupController: clientOf(groupController, csiGroupController) }),
    ...(snapshotMetadata && { snapshotMetadata: clientOf(snapshotMetadata, csiSnapshotMetadata) }),
    nodes: [makeNode('node-1'), makeNode('node-2')],
    random: kernel.random('cases'),
    mutableParameters: { tier: 'fast' },
    settle: <T>(process: Process<T>) => kernel.completeAsync(caller, 'case', process),
  };
}

/** The same service without checks of requests; answers are still checked. */
function withoutGuard<S>(service: Service<S>): Service<S> {
  const methods = Object.entries(service.methods as Readonly<Record<string, MethodDescriptor>>).map(([name, descriptor]) => {
    const { guard: { rules = [], ...guard } = {}, ...rest } = descriptor;
    return [name, { ...rest, guard: { ...guard, rules: rules.map(({ request: _, ...rule }) => rule) } }] as const;
  });
  return { ...service, methods: Object.fromEntries(methods) as unknown as Service<S>['methods'] };
}
