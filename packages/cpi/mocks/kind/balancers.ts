import type { Balanced, CloudNetwork } from '@slipway/cloud';
import { canonicalIp, cidr, formatIp, parseIp, contains, nextIp, sizeOf } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import type { LoadBalancerStatus, Service, ServicePort } from '@slipway/kube';
import { sourceRangesOf } from '../../balancers.ts';
import type { LoadBalancer } from '../../contract.ts';
import { CpiError } from '../../errors.ts';
import type * as m from '../../messages.ts';

interface Balancer {
  readonly name: string;
  readonly ip: string;
  readonly ports: readonly ServicePort[];
  readonly targets: readonly string[];
  readonly sourceRanges: readonly string[];
}

/** Balancers that are containers beside the nodes, each with an address of the containers' network. Source: cloud-provider-kind `pkg/loadbalancer`. */
export class KindLoadBalancer implements Implementation<LoadBalancer>, CloudNetwork {
  readonly #range: string;
  readonly #byName = new Map<string, Balancer>();
  readonly #byIp = new Map<string, Balancer>();

  /** @param range addresses for balancers */
  constructor(range: string) {
    this.#range = range;
  }

  getLoadBalancer({ service }: m.ServiceRequest): m.GetLoadBalancerResponse {
    const balancer = this.#byName.get(nameOf(service));
    return balancer ? { exists: true, status: statusOf(balancer) } : { exists: false };
  }

  getLoadBalancerName({ service }: m.ServiceRequest): m.LoadBalancerNameResponse {
    return { name: nameOf(service) };
  }

  ensureLoadBalancer({ service, nodes }: m.ServiceNodesRequest): m.LoadBalancerStatusResponse {
    const name = nameOf(service);
    const ip = this.#byName.get(name)?.ip ?? this.#freeAddress(service);
    const balancer: Balancer = {
      name,
      ip,
      ports: service.spec.ports ?? [],
      targets: nodes.map(({ metadata }) => metadata.name).sort(),
      sourceRanges: sourceRangesOf(service),
    };
    this.#keep(balancer);
    return { status: statusOf(balancer) };
  }

  updateLoadBalancer({ service, nodes }: m.ServiceNodesRequest): m.Empty {
    const balancer = this.#byName.get(nameOf(service));
    if (!balancer) throw new CpiError('UNKNOWN', `load balancer ${nameOf(service)} not found`);
    this.#keep({ ...balancer, targets: nodes.map(({ metadata }) => metadata.name).sort() });
    return {};
  }

  ensureLoadBalancerDeleted({ service }: m.ServiceRequest): m.Empty {
    const balancer = this.#byName.get(nameOf(service));
    if (balancer) {
      this.#byName.delete(balancer.name);
      this.#byIp.delete(balancer.ip);
    }
    return {};
  }

  /** No name service: the balancers have addresses only. */
  resolve(): readonly string[] {
    return [];
  }

  balance(address: string, port: number, protocol: 'TCP' | 'UDP'): Balanced | undefined {
    const balancer = this.#byIp.get(canonicalIp(address));
    const listener = balancer?.ports.find((each) => each.port === port && (each.protocol ?? 'TCP') === protocol);
    if (!balancer || !listener?.nodePort) return undefined;
    const { name, targets, sourceRanges } = balancer;
    return { balancer: name, targets, targetPort: listener.nodePort, sourceRanges };
  }

  routed(): string | undefined {
    return undefined;
  }

  #keep(balancer: Balancer): void {
    this.#byName.set(balancer.name, balancer);
    this.#byIp.set(balancer.ip, balancer);
  }

  /** The address that the Service shows already, so that a provider that was restarted keeps it; else the lowest that is free. */
  #freeAddress({ status }: Service): string {
    const range = cidr(this.#range);
    const shown = status?.loadBalancer?.ingress?.[0]?.ip;
    const known = shown === undefined ? undefined : parseIp(shown);
    if (known && contains(range, known) && !this.#byIp.has(formatIp(known))) return formatIp(known);
    // The first and the last address of a network are nobody's.
    for (let step = 1n; step < sizeOf(range) - 1n; step += 1n) {
      const address = nextIp(range.network, step);
      if (address && !this.#byIp.has(formatIp(address))) return formatIp(address);
    }
    throw new CpiError('UNKNOWN', `no address left in ${this.#range}`);
  }
}

/** Upstream hashes cluster, namespace and name; the uid says as much, and a Service that is made anew is another one. */
const nameOf = ({ metadata }: Service): string => `kindccm-${(metadata.uid ?? '').replaceAll('-', '')}`;

const statusOf = ({ ip }: Balancer): LoadBalancerStatus => ({ ingress: [{ ip, ipMode: 'Proxy' }] });
