import { minutes } from '@slipway/kernel';
import type { EndpointSlice, Pod, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

function serve(lab: Lab, pods: readonly Stored<Pod>[], address = '10.0.0.5'): void {
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: pods.map(({ metadata: { name, uid } }) => ({
      addresses: [address],
      targetRef: { kind: 'Pod', namespace: 'default', name, uid },
    })),
  };
  lab.run(lab.as('kube-controller-manager').endpointslices.create(slice));
}

function running(lab: Lab, name: string, ip = '10.0.0.5'): Stored<Pod> {
  const pod = lab.pod(name);
  lab.bind(name, 'node-1');
  return lab.status(pod, { phase: 'Running', podIP: ip, podIPs: [{ ip }] });
}

const gone = (lab: Lab, name: string): unknown =>
  lab.run(lab.as(`kubelet/node-1`).pods.delete({ namespace: 'default', name, gracePeriodSeconds: 0 }));

function world(): Lab {
  const lab = new Lab(['NET-10']);
  lab.node('node-1');
  lab.pass(minutes(5));
  return lab;
}

describe('NET-10 no-alias', () => {
  test('an endpoint of a pod that lives, and one that is soon withdrawn, are silent', () => {
    const lab = world();
    serve(lab, [running(lab, 'a')]);
    lab.pass(minutes(5));
    lab.atRest();
    gone(lab, 'a');
    lab.atRest();
    lab.run(lab.as('kube-controller-manager').endpointslices.delete({ namespace: 'default', name: 'web-1' }));
    lab.pass(minutes(5));
    lab.atRest();
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-10')).toBeGreaterThan(0);
  });

  test('an endpoint of a pod that is gone is reported, once', () => {
    const lab = world();
    serve(lab, [running(lab, 'a')]);
    gone(lab, 'a');
    lab.pass(minutes(5));
    lab.atRest();
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'NET-10', message: 'EndpointSlice default/web-1 serves 10.0.0.5 for pod default/a, which is gone' },
    ]);
  });

  test('one address for two pods is reported', () => {
    const lab = world();
    serve(lab, [running(lab, 'a'), running(lab, 'b')]);
    lab.atRest();
    expect(lab.violations).toMatchObject([{ objects: ['EndpointSlice default/web-1', 'Pod default/b'] }]);
  });

  test('while something goes wrong, nobody is blamed', () => {
    const lab = world();
    serve(lab, [running(lab, 'a')]);
    gone(lab, 'a');
    lab.pass(minutes(5));
    lab.kernel.record('fault', 'kube-apiserver', 'api.Server/Update', undefined, ['error UNAVAILABLE']);
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });
});
