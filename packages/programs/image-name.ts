/**
 * The repository of an image as a person would name it: `docker.io/library/nginx:1.27@sha256:…` gives `nginx`,
 * `registry.k8s.io/e2e-test-images/agnhost:2.53` gives `e2e-test-images/agnhost`.
 *
 * A first part with a dot or colon, or `localhost`, is a registry (distribution/reference, "ParseDockerRef").
 */
export function repositoryOf(image: string): string {
  const name = image.replace(/@[^/]*$/, '').replace(/:[^/:]*$/, '');
  const slash = name.indexOf('/');
  const host = slash < 0 ? '' : name.slice(0, slash);
  const path = /[.:]/.test(host) || host === 'localhost' ? name.slice(slash + 1) : name;
  return path.replace(/^library\//, '');
}
