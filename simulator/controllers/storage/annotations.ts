// Names that the storage controllers, side-cars, scheduler and kubelet agree upon. Source: component-helpers `storage/volume/pv_helpers.go`,
// `pkg/volume/util`, and the `pkg/controller` folders of the CSI side-cars.

export const storageAnnotations = {
  /** On a claim: it was bound once. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** On a claim or volume: the binder chose the partner, so it may take the choice back. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** On a volume: who made it. */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  /** On a claim: the node that the scheduler wants the volume for. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  /** On a claim: who shall make its volume. */
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  /** On claims and volumes: the class, from before there was a field. */
  betaClass: 'volume.beta.kubernetes.io/storage-class',
  /** On a volume: its size before the file system on it has grown. */
  preResizeCapacity: 'volume.alpha.kubernetes.io/pre-resize-capacity',
  /** On a claim: the last expansion needed nothing from a node. */
  nodeExpansionNotRequired: 'volume.kubernetes.io/node-expansion-not-required',
  /** On a volume: the secret that its deletion needs. */
  deletionSecretName: 'volume.kubernetes.io/provisioner-deletion-secret-name',
  deletionSecretNamespace: 'volume.kubernetes.io/provisioner-deletion-secret-namespace',
  modifySecretName: 'volume.kubernetes.io/controller-modify-secret-name',
  modifySecretNamespace: 'volume.kubernetes.io/controller-modify-secret-namespace',
  /** On a VolumeAttachment: the node's id, for when its CSINode has gone. */
  nodeId: 'csi.alpha.kubernetes.io/node-id',
} as const;

const DEFAULT_CLASS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'] as const;

/** Whether a class says of itself that it is the default one. */
export function isDefaultClass({ metadata }: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }): boolean {
  return DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true');
}
