import fc from 'fast-check';
import type { Affinity, NodeSelectorTerm, PodAffinityTerm, Taint, Toleration, TopologySpreadConstraint } from '@slipway/kube';
import { arbitraryLabelValue, arbitraryQualifiedName } from './names.ts';
import { objectOf } from './object-of.ts';
import { arbitraryLabelSelector } from './selectors.ts';

/** Labels that say what "the same place" is. */
const topologyKey = fc.constantFrom('kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region');
const effect = fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const, 'NoExecute' as const);
const weight = fc.integer({ min: 1, max: 100 });

export function arbitraryTaint(): fc.Arbitrary<Taint> {
  return objectOf({ key: arbitraryQualifiedName(), effect }, { value: arbitraryLabelValue() });
}

/** Taints of one node: each pair of key and effect once. */
export function arbitraryTaints(): fc.Arbitrary<Taint[]> {
  return fc.uniqueArray(arbitraryTaint(), { selector: (taint) => `${taint.key}:${taint.effect}`, maxLength: 3 });
}

/** A toleration of one taint, of all taints with a key, or of all taints. */
export function arbitraryToleration(): fc.Arbitrary<Toleration> {
  const key = arbitraryQualifiedName();
  const exists = fc.constant('Exists' as const);
  const tolerationSeconds = fc.integer({ min: 0, max: 600 });
  return fc.oneof(
    objectOf({ key }, { operator: fc.constant('Equal' as const), value: arbitraryLabelValue(), effect }),
    objectOf({ operator: exists }, { key, effect }),
    objectOf({ operator: exists, effect: fc.constant('NoExecute' as const), tolerationSeconds }, { key }),
  );
}

function arbitraryNodeTerm(): fc.Arbitrary<NodeSelectorTerm> {
  const key = fc.oneof(topologyKey, arbitraryQualifiedName());
  const values = fc.uniqueArray(arbitraryLabelValue(), { minLength: 1, maxLength: 3 });
  const expression = fc.oneof(
    objectOf({ key, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }, {}),
    objectOf({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }, {}),
    objectOf({ key, operator: fc.constantFrom('Gt' as const, 'Lt' as const), values: fc.tuple(fc.nat({ max: 99 }).map(String)) }, {}),
  );
  return objectOf({ matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) }, {});
}

function arbitraryPodTerm(): fc.Arbitrary<PodAffinityTerm> {
  return objectOf({ topologyKey }, { labelSelector: arbitraryLabelSelector() });
}

/** Wishes and demands about nodes and about other pods. */
export function arbitraryAffinity(): fc.Arbitrary<Affinity> {
  const nodeTerms = fc.array(arbitraryNodeTerm(), { minLength: 1, maxLength: 2 });
  const nodeAffinity = objectOf(
    {},
    {
      requiredDuringSchedulingIgnoredDuringExecution: objectOf({ nodeSelectorTerms: nodeTerms }, {}),
      preferredDuringSchedulingIgnoredDuringExecution: fc.array(objectOf({ weight, preference: arbitraryNodeTerm() }, {}), {
        maxLength: 2,
      }),
    },
  );
  const podAffinity = objectOf(
    {},
    {
      requiredDuringSchedulingIgnoredDuringExecution: fc.array(arbitraryPodTerm(), { maxLength: 2 }),
      preferredDuringSchedulingIgnoredDuringExecution: fc.array(objectOf({ weight, podAffinityTerm: arbitraryPodTerm() }, {}), {
        maxLength: 2,
      }),
    },
  );
  return objectOf({}, { nodeAffinity, podAffinity, podAntiAffinity: podAffinity });
}

/** Bounds on how unevenly pods spread; each pair of key and action once. */
export function arbitrarySpread(): fc.Arbitrary<TopologySpreadConstraint[]> {
  const shared = { maxSkew: fc.integer({ min: 1, max: 5 }), topologyKey };
  const labelSelector = arbitraryLabelSelector();
  const constraint: fc.Arbitrary<TopologySpreadConstraint> = fc.oneof(
    objectOf(
      { ...shared, whenUnsatisfiable: fc.constant('DoNotSchedule' as const) },
      { labelSelector, minDomains: fc.integer({ min: 1, max: 3 }) },
    ),
    objectOf({ ...shared, whenUnsatisfiable: fc.constant('ScheduleAnyway' as const) }, { labelSelector }),
  );
  return fc.uniqueArray(constraint, { selector: (one) => `${one.topologyKey}/${one.whenUnsatisfiable}`, maxLength: 2 });
}
