import {
  addQuantities,
  compareQuantity,
  type Container,
  forbidden,
  type LimitRange,
  type LimitRangeItem,
  parseQuantity,
  type PodSpec,
  type ResourceList,
  resourceOf,
} from '@slipway/kube';
import type { PodSpecPlugin } from './admission.ts';

/** Defaults and bounds of a namespace's LimitRanges. Source: `plugin/pkg/admission/limitranger/admission.go`. */
export const limitRanger: PodSpecPlugin = {
  name: 'LimitRanger',
  reads: ['limitranges'],
  admitSpec(spec, { namespace, name }, view) {
    let admitted = spec;
    const ranges: LimitRange[] = [...view.list('limitranges', namespace)];
    if (ranges.length === 0) return spec;
    ranges.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const range of ranges) {
      const items = range.spec?.limits ?? [];
      for (const item of items) if (item.type === 'Container') admitted = withContainerDefaults(admitted, item);
    }
    const wrong = ranges.flatMap((range) => (range.spec?.limits ?? []).flatMap((item) => breaches(admitted, item)));
    if (wrong.length === 1) throw forbidden(resourceOf('pods'), name, wrong[0] ?? '');
    if (wrong.length > 1) throw forbidden(resourceOf('pods'), name, `[${wrong.join(', ')}]`);
    return admitted;
  },
};

function withContainerDefaults(spec: PodSpec, item: LimitRangeItem): PodSpec {
  if (item.default === undefined && item.defaultRequest === undefined) return spec;
  const fill = (container: Container): Container => {
    const { resources } = container;
    return {
      ...container,
      resources: {
        ...resources,
        limits: { ...item.default, ...resources?.limits },
        // Where only a default limit is given, it is the default request too.
        requests: { ...item.default, ...item.defaultRequest, ...resources?.limits, ...resources?.requests },
      },
    };
  };
  return {
    ...spec,
    containers: spec.containers.map(fill),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(fill) }),
  };
}

function breaches(spec: PodSpec, item: LimitRangeItem): readonly string[] {
  if (item.type === 'Container') {
    return [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ resources }) =>
      bounds(item, 'Container', resources?.requests ?? {}, resources?.limits ?? {}),
    );
  }
  if (item.type !== 'Pod') return [];
  return bounds(item, 'Pod', sum(spec, 'requests'), sum(spec, 'limits'));
}

function sum(spec: PodSpec, side: 'requests' | 'limits'): ResourceList {
  const total: Record<string, string> = {};
  for (const { resources } of spec.containers) {
    for (const [resource, amount] of Object.entries(resources?.[side] ?? {})) {
      const before = total[resource];
      total[resource] = before === undefined ? amount : addQuantities(before, amount);
    }
  }
  return total;
}

function bounds(item: LimitRangeItem, type: string, requests: ResourceList, limits: ResourceList): readonly string[] {
  const wrong: string[] = [];
  const exceeds = (a: string, b: string): boolean => compareQuantity(parseQuantity(a), parseQuantity(b)) > 0;
  for (const [resource, minimum] of Object.entries(item.min ?? {})) {
    const request = requests[resource];
    const limit = limits[resource];
    if (request === undefined) wrong.push(`minimum ${resource} usage per ${type} is ${minimum}.  No request is specified`);
    else if (exceeds(minimum, request)) wrong.push(`minimum ${resource} usage per ${type} is ${minimum}, but request is ${request}`);
    else if (limit !== undefined && exceeds(minimum, limit))
      wrong.push(`minimum ${resource} usage per ${type} is ${minimum}, but limit is ${limit}`);
  }
  for (const [resource, maximum] of Object.entries(item.max ?? {})) {
    const request = requests[resource];
    const limit = limits[resource];
    if (limit === undefined) wrong.push(`maximum ${resource} usage per ${type} is ${maximum}.  No limit is specified`);
    else if (exceeds(limit, maximum)) wrong.push(`maximum ${resource} usage per ${type} is ${maximum}, but limit is ${limit}`);
    else if (request !== undefined && exceeds(request, maximum)) {
      wrong.push(`maximum ${resource} usage per ${type} is ${maximum}, but request is ${request}`);
    }
  }
  return wrong;
}
