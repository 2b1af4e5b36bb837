import type { CloudApi } from '@slipway/cloud';
import type { Client, Implementation, Process } from '@slipway/kernel';
import type { Routes } from '../../contract.ts';
import type * as m from '../../messages.ts';
import { fromCloud, ifKnown } from './cloud-errors.ts';
import { instanceByName } from './instances.ts';

/** The network's route table. Source: cloud-provider-aws `pkg/providers/v1/aws_routes.go`. */
export class AwsRoutes implements Implementation<Routes> {
  readonly #cloud: Client<CloudApi>;
  /** An instance keeps its name for life, and the table is read every 10 s: upstream's cache of instances (aws_instancecache.go) saves the rest too. */
  readonly #names = new Map<string, string>();

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  *listRoutes({ clusterName }: m.ClusterRequest): Process<m.ListRoutesResponse> {
    const table = (yield* fromCloud(this.#cloud.describeRoutes({}))).routes;
    const names = this.#names;
    const active = table.filter(({ state, instanceId }) => state === 'active' && !names.has(instanceId));
    const instanceIds = [...new Set(active.map(({ instanceId }) => instanceId))].sort();
    if (instanceIds.length > 0) {
      const { instances } = yield* fromCloud(this.#cloud.describeInstances({ instanceIds }));
      for (const { instanceId, name } of instances) names.set(instanceId, name);
    }
    const routes: m.Route[] = [];
    for (const { destinationCidr, instanceId, state } of table) {
      const name = `${clusterName}-${destinationCidr}`;
      const targetNode = names.get(instanceId);
      if (state === 'blackhole') routes.push({ name, targetNode: '', destinationCidr, blackhole: true });
      else if (targetNode !== undefined) routes.push({ name, targetNode, destinationCidr });
    }
    return { routes };
  }

  *createRoute({ route: { targetNode, destinationCidr } }: m.CreateRouteRequest): Process<m.Empty> {
    const { instanceId } = yield* instanceByName(this.#cloud, targetNode);
    const { routes } = yield* fromCloud(this.#cloud.describeRoutes({}));
    const there = routes.find((route) => route.destinationCidr === destinationCidr);
    // Made before, by a call whose answer was lost.
    if (there?.state === 'active' && there.instanceId === instanceId) return {};
    if (there?.state === 'blackhole')
      yield* fromCloud(this.#cloud.deleteRoute({ destinationCidr }), `error deleting blackholed AWS route (${destinationCidr})`);
    yield* fromCloud(this.#cloud.createRoute({ destinationCidr, instanceId }), `error creating AWS route (${destinationCidr})`);
    return {};
  }

  *deleteRoute({ route: { destinationCidr } }: m.DeleteRouteRequest): Process<m.Empty> {
    yield* ifKnown(this.#cloud.deleteRoute({ destinationCidr }), 'InvalidRoute.NotFound');
    return {};
  }
}
