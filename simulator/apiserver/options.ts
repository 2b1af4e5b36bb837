import type { Kernel, Owner } from '@slipway/kernel';
import type { AdmissionPlugin, MutatingWebhook } from './admission/admission.ts';

export interface ApiServerOptions {
  /** Addresses of Services. Left out: 10.96.0.0/12, as kubeadm has it. IPv4. */
  readonly serviceCidr?: string;
  /** Ports of Services on nodes. Left out: 30000-32767. */
  readonly nodePortRange?: { readonly first: number; readonly last: number };
  /** Built-in admission plug-ins to leave out, by name: `ServiceAccount`. */
  readonly withoutAdmission?: readonly string[];
  /** Further admission plug-ins, after the built-in ones. */
  readonly admission?: readonly AdmissionPlugin[];
  /** Called after all plug-ins; may take virtual time. More can be added while the server runs. */
  readonly webhooks?: readonly MutatingWebhook[];
  /** Whether the server makes the system namespaces, the system priority classes and the Service `kubernetes`. Left out: yes. */
  readonly bootstrap?: boolean;
  /** Freeze stored objects, so that whoever changes one fails at once. For tests; costs time. Left out: no. */
  readonly freeze?: boolean;
}

export interface ApiServerSetup {
  readonly kernel: Kernel;
  /** The server's own processes belong to it, and links lead to it: when it ends, clients meet silence or refusal. */
  readonly owner: Owner;
  readonly options?: ApiServerOptions;
}
