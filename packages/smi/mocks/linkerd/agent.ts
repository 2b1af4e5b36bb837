import { type ControllerContext, type ControllerDefinition, defineController, type SharedInformers, watch } from '@slipway/client';
import { type Micros, seconds } from '@slipway/kernel';
import { type KubeObject, keyOf, type Stored } from '@slipway/kube';
import type { HTTPRouteGroup, TCPRoute, TrafficSplit, TrafficTarget, UDPRoute } from '../../types/index.ts';
import { type Problem, problemsOfGroup, problemsOfSplit, problemsOfTarget, type Referents } from './problems.ts';

/** Objects that are applied together come one after the other: nobody is told of what is missing only until then. */
const PATIENCE: Micros = seconds(5);

/** What is known of one object's problems. */
interface Sighting {
  /** The object and its problems, as one text. */
  readonly what: string;
  /** When they were first seen like this. */
  readonly since: Micros;
  /** Whether people have been told of them. */
  readonly told: boolean;
}

/**
 * The control plane's watch over SMI's objects: tells by events of those that name nothing, or that have a mistake and are not applied.
 * In life each proxy finds that out alone; SMI split, "Ports", recommends the event.
 */
export function linkerdAgent(): ControllerDefinition {
  const seen = new Map<string, Sighting>();

  /** Whoever names the object. */
  const namedBy =
    (users: readonly ('trafficsplits' | 'traffictargets')[], index: string) =>
    (object: KubeObject, { context }: { readonly context: ControllerContext }): readonly string[] =>
      users.flatMap((resource) => {
        const { informers } = context;
        const informer = resource === 'trafficsplits' ? splitsIn(informers) : targetsIn(informers);
        return informer.byIndex(index, keyOf(object)).map((user) => `${resource}/${keyOf(user)}`);
      });

  return defineController({
    name: 'linkerd-smi',
    watches: [
      watch<TrafficSplit>('trafficsplits', { indexers: splitIndexers, keys: (split) => [`trafficsplits/${keyOf(split)}`] }),
      watch<TrafficTarget>('traffictargets', { indexers: targetIndexers, keys: (target) => [`traffictargets/${keyOf(target)}`] }),
      watch<HTTPRouteGroup>('httproutegroups', {
        keys: (group, change) => [
          `httproutegroups/${keyOf(group)}`,
          ...namedBy(['trafficsplits', 'traffictargets'], 'groups')(group, change),
        ],
      }),
      watch<TCPRoute>('tcproutes', { keys: namedBy(['traffictargets'], 'tcproutes') }),
      watch<UDPRoute>('udproutes', { keys: namedBy(['traffictargets'], 'udproutes') }),
      watch('services', { keys: namedBy(['trafficsplits'], 'services') }),
      watch('serviceaccounts', { keys: namedBy(['traffictargets'], 'accounts') }),
    ],
    start() {
      seen.clear();
    },
    *reconcile(key, context) {
      const { events, now } = context;
      const found = look(key, context.informers);
      if (!found || found.problems.length === 0) {
        seen.delete(key);
        return undefined;
      }
      const { object, problems } = found;
      const what = JSON.stringify([object.metadata.uid, problems]);
      const before = seen.get(key);
      const known = before?.what === what ? before : { what, since: now(), told: false };
      seen.set(key, known);
      if (known.told) return undefined;
      const left = known.since + PATIENCE - now();
      if (left > 0) return { requeueAfter: left };
      for (const { reason, message } of problems) events.warning(object, reason, message);
      seen.set(key, { ...known, told: true });
      return undefined;
    },
  });
}

const home = ({ metadata }: KubeObject): string => metadata.namespace ?? 'default';

const splitIndexers = {
  services: (split: Stored<TrafficSplit>) =>
    [split.spec?.service, ...(split.spec?.backends ?? []).map(({ service }) => service)].map((name) => `${home(split)}/${name}`),
  groups: (split: Stored<TrafficSplit>) => (split.spec?.matches ?? []).map(({ name }) => `${home(split)}/${name}`),
};

const rulesOf = (kind: string) => (target: Stored<TrafficTarget>) =>
  (target.spec?.rules ?? []).filter((rule) => rule.kind === kind).map(({ name }) => `${home(target)}/${name}`);

const targetIndexers = {
  groups: rulesOf('HTTPRouteGroup'),
  tcproutes: rulesOf('TCPRoute'),
  udproutes: rulesOf('UDPRoute'),
  accounts: (target: Stored<TrafficTarget>) =>
    [target.spec?.destination, ...(target.spec?.sources ?? [])].flatMap((each) =>
      each ? [`${each.namespace ?? home(target)}/${each.name}`] : [],
    ),
};

const splitsIn = (informers: SharedInformers) => informers.get<TrafficSplit>('trafficsplits', { indexers: splitIndexers });
const targetsIn = (informers: SharedInformers) => informers.get<TrafficTarget>('traffictargets', { indexers: targetIndexers });
const groupsIn = (informers: SharedInformers) => informers.get<HTTPRouteGroup>('httproutegroups');

/** The object behind a key, if it is there still, and what is wrong with it. */
function look(
  key: string,
  informers: SharedInformers,
): { readonly object: Stored<KubeObject>; readonly problems: readonly Problem[] } | undefined {
  const [resource = '', namespace = '', name = ''] = key.split('/');
  const id = `${namespace}/${name}`;
  if (resource === 'trafficsplits') {
    const object = splitsIn(informers).get(id);
    return object && { object, problems: problemsOfSplit(object, referentsIn(informers)) };
  }
  if (resource === 'traffictargets') {
    const object = targetsIn(informers).get(id);
    return object && { object, problems: problemsOfTarget(object, referentsIn(informers)) };
  }
  const object = groupsIn(informers).get(id);
  return object && { object, problems: problemsOfGroup(object) };
}

function referentsIn(informers: SharedInformers): Referents {
  return {
    service: (namespace, name) => informers.get('services').get(`${namespace}/${name}`),
    routeGroup: (namespace, name) => groupsIn(informers).get(`${namespace}/${name}`),
    hasRoute: (kind, namespace, name) =>
      informers.get(kind === 'TCPRoute' ? 'tcproutes' : 'udproutes').get(`${namespace}/${name}`) !== undefined,
    hasServiceAccount: (namespace, name) => informers.get('serviceaccounts').get(`${namespace}/${name}`) !== undefined,
  };
}
