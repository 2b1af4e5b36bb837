import type { KubeObject } from '@slipway/kube';

// The part of a scenario's form that is generated. The whole form is simulator/scenario/schema.ts, which packages may not know;
// test/arbitrary-scenarios.test.ts proves that what is made here is of that form.

/** Machines of one sort. */
export interface NodesForm {
  count?: number;
  name?: string;
  zones?: string[];
  capacity?: Record<string, string | number>;
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: TaintEffect }[];
}

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

/** Which plugins a cluster is made with. */
export interface PluginSetForm {
  cni?: string;
  cri?: string;
  oci?: string;
  csi?: string;
  cpi?: string;
  smi?: string;
  cloud?: string;
}

export interface ClusterForm {
  nodes?: NodesForm[];
  plugins?: PluginSetForm;
}

/** A fault of calls. Exactly one arrow is there. */
export interface FaultForm {
  on: string;
  node?: string;
  error?: string | number;
  refuse?: true;
  loseAnswer?: true;
  delay?: string;
  duplicate?: true;
  hang?: true;
  crash?: { restart?: string; keepState?: boolean };
  lag?: string;
  cut?: true;
  after?: number;
  times?: number;
  rate?: string;
  for?: string;
}

export interface RestartForm {
  part?: 'kube-apiserver' | 'kube-scheduler' | 'kube-controller-manager' | 'cloud-controller-manager' | 'kubelet';
  plugin?: string;
  node?: string;
  down?: string;
  keepState?: boolean;
}

export interface PartitionForm {
  node: string;
  from?: string;
  direction?: 'both' | 'in' | 'out';
  for?: string;
}

/** One thing that happens: `at`, and one action. */
export interface StepForm {
  at?: string;
  apply?: ManifestForm[];
  delete?: string | { of: string; gracePeriod?: string; force?: boolean };
  scale?: { of: string; replicas: number };
  patch?: { of: string; with: Record<string, unknown>; type: 'strategic' | 'merge' };
  addNodes?: NodesForm;
  powerOff?: string;
  powerOn?: string;
  cordon?: string;
  uncordon?: string;
  drain?: string;
  taint?: { node: string; key: string; effect: TaintEffect };
  untaint?: { node: string; key: string; effect: TaintEffect };
  fault?: FaultForm;
  restart?: RestartForm;
  partition?: PartitionForm;
}

/** An object as a manifest has it. */
export type ManifestForm = KubeObject & { [key: string]: unknown };

/** A `slipway.dev/v1alpha1` Scenario. */
export interface ScenarioForm {
  apiVersion: 'slipway.dev/v1alpha1';
  kind: 'Scenario';
  metadata: { name: string };
  spec: {
    seed?: number;
    duration?: string;
    cluster?: ClusterForm;
    calm?: { from: string; within: string };
    steps?: StepForm[];
  };
}
