import type { Micros } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import type { Balanced } from '../../plugin.ts';
import type { BookedInstance, Instances } from './instances.ts';
import { sixteenDigits, tenDigits } from './names.ts';
import { canonical } from './orders.ts';
import { type Region, zonesOf } from './region.ts';
import { TargetHealth } from './target-health.ts';

interface BookedBalancer {
  readonly name: string;
  readonly kind: m.LoadBalancer['kind'];
  readonly scheme: m.LoadBalancer['scheme'];
  readonly dnsName: string;
  readonly addresses: readonly string[];
  readonly readyAt: Micros;
  readonly tags: m.Tags;
  listeners: readonly m.Listener[];
  healthCheck: m.HealthCheck;
  sourceRanges: readonly string[];
  readonly targets: Map<BookedInstance, TargetHealth>;
  /** What the last round of checks found, and which round it was. */
  round: { readonly number: number; readonly inService: readonly string[] } | undefined;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/;
const EVERYBODY = ['0.0.0.0/0'];

/** Classic and network load balancers. */
export class Balancers {
  readonly #region: Region;
  readonly #instances: Instances;
  readonly #byName = new Map<string, BookedBalancer>();
  readonly #byDns = new Map<string, BookedBalancer>();
  readonly #byAddress = new Map<string, BookedBalancer>();

  constructor(region: Region, instances: Instances) {
    this.#region = region;
    this.#instances = instances;
    instances.onEnd((instance) => {
      for (const balancer of this.#byName.values()) {
        balancer.targets.get(instance)?.forget();
        if (balancer.targets.delete(instance)) balancer.round = undefined;
      }
    });
  }

  createLoadBalancer(order: m.CreateLoadBalancerRequest): m.LoadBalancerResponse {
    const { name, kind = 'classic', scheme = 'internet-facing', listeners, healthCheck, sourceRanges = EVERYBODY, tags = {} } = order;
    checkListeners(kind, listeners);
    if (!NAME.test(name))
      throw new CloudError(
        'InvalidConfigurationRequest',
        `Load balancer name '${name}' must have 1 to 32 letters, digits and inner dashes`,
      );
    const known = this.#byName.get(name);
    if (known) {
      if (known.kind !== kind || known.scheme !== scheme || canonical(known.listeners) !== canonical(listeners))
        throw new CloudError(
          'DuplicateLoadBalancerName',
          `Load balancer ${name} already exists and it is configured with different parameters.`,
        );
      return { loadBalancer: this.#view(known) };
    }
    const targets = this.#targets(order.targets);
    this.#checkLimit(kind);
    const { options } = this.#region;
    const balancer: BookedBalancer = {
      name,
      kind,
      scheme,
      dnsName: dnsName(name, kind, scheme, options.region),
      addresses: zonesOf(this.#region).map(() => this.#address(scheme)),
      readyAt: this.#region.now() + (kind === 'classic' ? options.classicBalancer : options.networkBalancer),
      tags,
      listeners,
      healthCheck,
      sourceRanges,
      targets: new Map(),
      round: undefined,
    };
    this.#register(balancer, targets);
    this.#byName.set(name, balancer);
    this.#byDns.set(balancer.dnsName, balancer);
    for (const address of balancer.addresses) this.#byAddress.set(address, balancer);
    return { loadBalancer: this.#view(balancer) };
  }

  modifyLoadBalancer(order: m.ModifyLoadBalancerRequest): m.LoadBalancerResponse {
    const balancer = this.#byName.get(order.name);
    if (!balancer) throw new CloudError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${order.name}'`);
    if (order.listeners) checkListeners(balancer.kind, order.listeners);
    const targets = order.targets && this.#targets(order.targets);
    if (order.healthCheck && canonical(order.healthCheck) !== canonical(balancer.healthCheck)) {
      balancer.healthCheck = order.healthCheck;
      // What passed the old check has yet to pass the new one.
      const all = [...balancer.targets.keys()];
      this.#register(balancer, []);
      this.#register(balancer, all);
    }
    if (targets) this.#register(balancer, targets);
    balancer.listeners = order.listeners ?? balancer.listeners;
    balancer.sourceRanges = order.sourceRanges ?? balancer.sourceRanges;
    return { loadBalancer: this.#view(balancer) };
  }

  describeLoadBalancers({ names }: m.DescribeLoadBalancersRequest): m.DescribeLoadBalancersResponse {
    const chosen = names ? [...new Set(names)].flatMap((name) => this.#byName.get(name) ?? []) : [...this.#byName.values()];
    return { loadBalancers: chosen.sort((a, b) => (a.name < b.name ? -1 : 1)).map((each) => this.#view(each)) };
  }

  deleteLoadBalancer({ name }: m.LoadBalancerRequest): m.Empty {
    const balancer = this.#byName.get(name);
    if (!balancer) return {};
    this.#register(balancer, []);
    this.#byName.delete(name);
    this.#byDns.delete(balancer.dnsName);
    for (const address of balancer.addresses) this.#byAddress.delete(address);
    return {};
  }

  /** Addresses of a balancer's name, one for each zone; none before it is active. */
  resolve(name: string): readonly string[] {
    const balancer = this.#byDns.get(name.replace(/\.$/, '').toLowerCase());
    return balancer && this.#isActive(balancer) ? balancer.addresses : [];
  }

  balance(address: string, port: number, protocol: m.Listener['protocol']): Balanced | undefined {
    const balancer = this.#byAddress.get(address);
    if (!balancer || !this.#isActive(balancer)) return undefined;
    const listener = balancer.listeners.find((each) => each.port === port && each.protocol === protocol);
    if (!listener) return undefined;
    const inService = this.#inService(balancer);
    return { balancer: balancer.name, targets: inService, targetPort: listener.targetPort, sourceRanges: balancer.sourceRanges };
  }

  /** Targets are checked in rounds, so that a connection costs no more for a balancer with many targets. */
  #inService(balancer: BookedBalancer): readonly string[] {
    const number = Math.floor(this.#region.now() / this.#region.options.healthInterval);
    if (balancer.round?.number !== number) balancer.round = { number, inService: this.#check(balancer) };
    return balancer.round.inService;
  }

  #check({ kind, targets, healthCheck }: BookedBalancer): readonly string[] {
    const all = [...targets].map(([{ name, machine }, health]) => ({ name, healthy: health.look(machine, healthCheck) }));
    const healthy = all.filter((each) => each.healthy);
    // A network balancer without any healthy target uses them all. Source: "Target groups for your Network Load Balancers", fail-open.
    const used = healthy.length === 0 && kind === 'network' ? all : healthy;
    return used.map(({ name }) => name).sort();
  }

  #isActive = ({ readyAt }: BookedBalancer): boolean => this.#region.now() >= readyAt;

  /** @throws CloudError InvalidInstance */
  #targets(ids: readonly string[]): BookedInstance[] {
    return [...new Set(ids)].map((id) => {
      const instance = this.#instances.find(id);
      if (!instance || this.#instances.stateOf(instance) === 'terminated')
        throw new CloudError('InvalidInstance', `Could not find EC2 instance ${id}.`);
      return instance;
    });
  }

  /** Makes these the targets; one that stays keeps its health. */
  #register(balancer: BookedBalancer, instances: readonly BookedInstance[]): void {
    const { targets, healthCheck } = balancer;
    const wanted = new Set(instances);
    balancer.round = undefined;
    for (const [instance, health] of [...targets]) {
      if (wanted.has(instance)) continue;
      health.forget();
      targets.delete(instance);
    }
    for (const instance of instances) {
      if (!targets.has(instance)) targets.set(instance, new TargetHealth(this.#region, instance.machine, healthCheck));
    }
  }

  /** @throws CloudError TooManyLoadBalancers */
  #checkLimit(kind: m.LoadBalancer['kind']): void {
    const { classicBalancers, networkBalancers } = this.#region.options;
    const limit = kind === 'classic' ? classicBalancers : networkBalancers;
    let there = 0;
    for (const each of this.#byName.values()) if (each.kind === kind) there += 1;
    if (there >= limit) throw new CloudError('TooManyLoadBalancers', `Exceeded quota of account: ${limit} load balancers`);
  }

  /** From a range that nobody on the Internet has (RFC 2544, beside the machines' own), or from the network's upper end. */
  #address(scheme: m.LoadBalancer['scheme']): string {
    const kind = scheme === 'internal' ? 'internal' : 'public';
    const number = Number(this.#region.ids.next(`aws/balancer-address-${kind}`).slice(`aws/balancer-address-${kind}-`.length));
    const host = `${Math.floor(number / 250) % 256}.${(number % 250) + 1}`;
    return kind === 'internal' ? `172.31.${host}` : `198.19.${host}`;
  }

  #view({ targets, readyAt: _, addresses: __, round: ___, ...facts }: BookedBalancer): m.LoadBalancer {
    const balancer = this.#byName.get(facts.name);
    const active = balancer ? this.#isActive(balancer) : false;
    const ids = [...targets.keys()].filter((instance) => this.#instances.stateOf(instance) !== 'terminated').map(({ id }) => id);
    return { ...facts, state: active ? 'active' : 'provisioning', targets: ids.sort() };
  }
}

/** @throws CloudError InvalidConfigurationRequest */
function checkListeners(kind: m.LoadBalancer['kind'], listeners: readonly m.Listener[]): void {
  const refuse = (message: string): never => {
    throw new CloudError('InvalidConfigurationRequest', message);
  };
  if (listeners.length === 0) refuse('Listeners must be specified');
  if (kind === 'classic' && listeners.some(({ protocol }) => protocol === 'UDP')) refuse('A classic load balancer takes no UDP listener');
  const ports = new Set(listeners.map(({ protocol, port }) => `${protocol} ${port}`));
  if (ports.size < listeners.length) refuse('Two listeners have the same port');
}

/** Sources: "Configure a custom domain name for your Classic Load Balancer"; "Network Load Balancers", DNS name. */
function dnsName(name: string, kind: m.LoadBalancer['kind'], scheme: m.LoadBalancer['scheme'], region: string): string {
  const shown = name.toLowerCase();
  if (kind === 'network') return `${shown}-${sixteenDigits(name)}.elb.${region}.amazonaws.com`;
  return `${scheme === 'internal' ? 'internal-' : ''}${shown}-${tenDigits(name)}.${region}.elb.amazonaws.com`;
}
