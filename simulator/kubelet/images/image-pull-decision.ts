import type { PullPolicy } from '@slipway/kube';

/** What to do about an image before a container is made. */
export type ImagePullDecision = 'pull' | 'present' | 'never-pull';

/** Whether the policy wants to know if the image is there: `Always` does not. */
export function asksForPresence(policy: PullPolicy): boolean {
  return policy !== 'Always';
}

/**
 * Decides by policy and presence.
 *
 * @param pulledWithSecrets the image is there only because a pod with credentials had it pulled, and this pod has not shown them
 *
 * Source: `pkg/kubelet/images/image_manager.go` EnsureImageExists, gate KubeletEnsureSecretPulledImages on.
 */
export function imagePullDecision(policy: PullPolicy, present: boolean, pulledWithSecrets: boolean): ImagePullDecision {
  const usable = present && !pulledWithSecrets;
  switch (policy) {
    case 'Always':
      return 'pull';
    case 'IfNotPresent':
      return usable ? 'present' : 'pull';
    case 'Never':
      return usable ? 'present' : 'never-pull';
  }
}

// Source: distribution/reference `regexp.go`.
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${host}/)?${part}(?:/${part})*(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** An image reference with its tag, or why it is none. */
export type ImageReference = { readonly image: string } | { readonly problem: string };

/** Adds the tag `latest` to a reference that has neither tag nor digest. */
export function withDefaultTag(image: string): ImageReference {
  const match = reference.exec(image);
  if (!match) {
    const upperCase = reference.test(image.toLowerCase()) ? 'repository name must be lowercase' : 'invalid reference format';
    return { problem: `couldn't parse image name "${image}": ${upperCase}` };
  }
  return { image: match[1] === undefined && match[2] === undefined ? `${image}:latest` : image };
}

/** The policy of a container that names none. Source: `pkg/apis/core/v1/defaults.go` SetDefaults_Container. */
export function defaultPullPolicy(image: string): PullPolicy {
  const tagged = withDefaultTag(image);
  return 'image' in tagged && !tagged.image.includes('@') && tagged.image.endsWith(':latest') ? 'Always' : 'IfNotPresent';
}
