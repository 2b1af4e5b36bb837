import type { IngressClass, KindMap, Stored } from '@slipway/kube';
import type { AdmissionPlugin } from './admission.ts';

const DEFAULT = 'ingressclass.kubernetes.io/is-default-class';
const CLASS_BETA = 'kubernetes.io/ingress.class';

/** An ingress that names no class gets the default one. Source: `plugin/pkg/admission/network/defaultingressclass/admission.go`. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['ingresses'],
  operations: ['create'],
  admit({ object }, view) {
    const ingress = object as KindMap['ingresses'];
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[CLASS_BETA] !== undefined) return object;
    let chosen: Stored<IngressClass> | undefined;
    for (const each of view.list('ingressclasses')) {
      if (each.metadata.annotations?.[DEFAULT] !== 'true') continue;
      const { creationTimestamp, name } = each.metadata;
      const better =
        chosen === undefined ||
        creationTimestamp > chosen.metadata.creationTimestamp ||
        (creationTimestamp === chosen.metadata.creationTimestamp && name < chosen.metadata.name);
      if (better) chosen = each;
    }
    return chosen ? { ...ingress, spec: { ...ingress.spec, ingressClassName: chosen.metadata.name } } : object;
  },
};
