import type { NodeSpec, Pod, Taint, TaintEffect, Toleration } from './types/index.ts';

/**
 * Whether one toleration covers one taint. Source: component-helpers `scheduling/corev1/helpers.go`, `core/v1/toleration.go`.
 */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { effect = '', key = '', operator = 'Equal', value = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (operator) {
    case 'Exists':
      return true;
    case 'Equal':
      return value === (taint.value ?? '');
    case 'Lt':
      return isInteger(taint.value) && isInteger(value) && BigInt(taint.value) < BigInt(value);
    case 'Gt':
      return isInteger(taint.value) && isInteger(value) && BigInt(taint.value) > BigInt(value);
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^(0|-?[1-9]\d{0,18})$/.test(text);
}

/** Whether any of the tolerations covers the taint. */
export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((toleration) => toleratesTaint(toleration, taint)) ?? false;
}

/** Whether the pod tolerates the taint. */
export function tolerates(pod: Pick<Pod, 'spec'>, taint: Taint): boolean {
  return isTolerated(pod.spec.tolerations, taint);
}

/** The first taint with one of these effects that no toleration covers. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly TaintEffect[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !isTolerated(tolerations, taint));
}

/** Taints with the same key and effect are the same taint, whatever their value. */
export function isSameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

/** Adds or replaces a taint; the same list comes back when it is there already with this value. */
export function withTaint(taints: readonly Taint[] | undefined, taint: Taint): readonly Taint[] {
  const list = taints ?? [];
  const at = list.findIndex((other) => isSameTaint(other, taint));
  if (at < 0) return [...list, taint];
  return (list[at]?.value ?? '') === (taint.value ?? '') ? list : list.with(at, taint);
}

/** Takes a taint away; the same list comes back when it is not there. */
export function withoutTaint(taints: readonly Taint[] | undefined, taint: Pick<Taint, 'key' | 'effect'>): readonly Taint[] {
  const list = taints ?? [];
  const rest = list.filter((other) => other.key !== taint.key || other.effect !== taint.effect);
  return rest.length === list.length ? list : rest;
}

/** A node's spec with these taints. None are left out, as upstream's encoder does (`json:"taints,omitempty"`): users ask for absence. */
export function specWithTaints(spec: NodeSpec, taints: readonly Taint[]): NodeSpec {
  const { taints: _before, ...rest } = spec;
  return taints.length === 0 ? rest : { ...rest, taints };
}
