// Schemas of `types/networking.ts`.

import type * as t from '../types/index.ts';
import { int, intOrString, list, object, once, oneOf, opt, orZero, text } from './build.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { typedLocalObjectReference } from './reference.ts';
import { protocol } from './vocabulary.ts';

export const serviceBackendPort = once(() =>
  object<t.ServiceBackendPort>({
    name: opt(text),
    number: opt(int),
  }),
);

export const ingressServiceBackend = once(() =>
  object<t.IngressServiceBackend>({
    name: text,
    port: opt(serviceBackendPort()),
  }),
);

export const ingressBackend = once(() =>
  object<t.IngressBackend>({
    service: opt(ingressServiceBackend()),
    resource: opt(typedLocalObjectReference()),
  }),
);

export const httpIngressPath = once(() =>
  object<t.HTTPIngressPath>({
    path: opt(text),
    pathType: oneOf('Exact', 'Prefix', 'ImplementationSpecific'),
    backend: ingressBackend(),
  }),
);

export const httpIngressRuleValue = once(() =>
  object<t.HTTPIngressRuleValue>({
    paths: orZero(list(httpIngressPath()), []),
  }),
);

export const ingressRule = once(() =>
  object<t.IngressRule>({
    host: opt(text),
    http: opt(httpIngressRuleValue()),
  }),
);

export const ingressTLS = once(() =>
  object<t.IngressTLS>({
    hosts: opt(list(text)),
    secretName: opt(text),
  }),
);

export const ingressSpec = once(() =>
  object<t.IngressSpec>({
    ingressClassName: opt(text),
    defaultBackend: opt(ingressBackend()),
    tls: opt(list(ingressTLS())),
    rules: opt(list(ingressRule())),
  }),
);

export const ingressPortStatus = once(() =>
  object<t.IngressPortStatus>({
    port: int,
    protocol: protocol,
    error: opt(text),
  }),
);

export const ingressLoadBalancerIngress = once(() =>
  object<t.IngressLoadBalancerIngress>({
    ip: opt(text),
    hostname: opt(text),
    ports: opt(list(ingressPortStatus())),
  }),
);

export const ingressLoadBalancerStatus = once(() =>
  object<t.IngressLoadBalancerStatus>({
    ingress: opt(list(ingressLoadBalancerIngress())),
  }),
);

export const ingressStatus = once(() =>
  object<t.IngressStatus>({
    loadBalancer: opt(ingressLoadBalancerStatus()),
  }),
);

export const ingress = once(() =>
  object<t.Ingress>({
    apiVersion: oneOf('networking.k8s.io/v1'),
    kind: oneOf('Ingress'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(ingressSpec()),
    status: opt(ingressStatus()),
  }),
);

export const ingressClassParametersReference = once(() =>
  object<t.IngressClassParametersReference>({
    apiGroup: opt(text),
    kind: text,
    name: text,
    scope: opt(text),
    namespace: opt(text),
  }),
);

export const ingressClassSpec = once(() =>
  object<t.IngressClassSpec>({
    controller: opt(text),
    parameters: opt(ingressClassParametersReference()),
  }),
);

export const ingressClass = once(() =>
  object<t.IngressClass>({
    apiVersion: oneOf('networking.k8s.io/v1'),
    kind: oneOf('IngressClass'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(ingressClassSpec()),
  }),
);

export const ipBlock = once(() =>
  object<t.IPBlock>({
    cidr: text,
    except: opt(list(text)),
  }),
);

export const networkPolicyPeer = once(() =>
  object<t.NetworkPolicyPeer>({
    podSelector: opt(labelSelector()),
    namespaceSelector: opt(labelSelector()),
    ipBlock: opt(ipBlock()),
  }),
);

export const networkPolicyPort = once(() =>
  object<t.NetworkPolicyPort>({
    protocol: opt(protocol),
    port: opt(intOrString),
    endPort: opt(int),
  }),
);

export const networkPolicyIngressRule = once(() =>
  object<t.NetworkPolicyIngressRule>({
    ports: opt(list(networkPolicyPort())),
    from: opt(list(networkPolicyPeer())),
  }),
);

export const networkPolicyEgressRule = once(() =>
  object<t.NetworkPolicyEgressRule>({
    ports: opt(list(networkPolicyPort())),
    to: opt(list(networkPolicyPeer())),
  }),
);

export const networkPolicySpec = once(() =>
  object<t.NetworkPolicySpec>({
    podSelector: orZero(labelSelector(), {}),
    ingress: opt(list(networkPolicyIngressRule())),
    egress: opt(list(networkPolicyEgressRule())),
    policyTypes: opt(list(oneOf('Ingress', 'Egress'))),
  }),
);

export const networkPolicy = once(() =>
  object<t.NetworkPolicy>({
    apiVersion: oneOf('networking.k8s.io/v1'),
    kind: oneOf('NetworkPolicy'),
    metadata: orZero(objectMeta(), {}),
    spec: opt(networkPolicySpec()),
  }),
);
