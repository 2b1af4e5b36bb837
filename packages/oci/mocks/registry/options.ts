import type { Micros } from '@slipway/kernel';
import type { Authorization } from '../../distribution/contract.ts';
import { DEFAULT_REGISTRY } from '../../image/reference.ts';
import type { ImageRecipe } from './recipe.ts';

/** Who may use a part of the registries. */
export interface Account {
  /** What the account is needed for: a registry, `ghcr.io`, or the repositories under a name, `docker.io/acme`. */
  readonly scope: string;
  readonly username: string;
  readonly password: string;
  /** False: pulls only, a push is DENIED. Left out: true. */
  readonly pushes?: boolean;
}

export interface OciRegistryOptions {
  /** Images beside the catalogue's; one of the same name replaces it. */
  readonly images?: readonly ImageRecipe[];
  /**
   * What to do about images that nobody pushed and the catalogue does not have: make one up, the same in every world, or refuse.
   * Left out: `synthesise`. A repository that was pushed to has what was pushed, never something made up.
   */
  readonly unknown?: 'synthesise' | 'refuse';
  /** Images (`nginx:9.99`) that answer MANIFEST_UNKNOWN and repositories (`docker.io/acme/app`) that answer NAME_UNKNOWN. */
  readonly missing?: readonly string[];
  /** Left out: everything is public. */
  readonly accounts?: readonly Account[];
  /** Manifests that callers without an account may get in each span of time; more is TOOMANYREQUESTS. Left out: no limit. */
  readonly rateLimit?: { readonly pulls: number; readonly per: Micros };
  /** False: DELETE answers UNSUPPORTED. Left out: true. */
  readonly deletion?: boolean;
  /** Whether a blob is mounted from any repository when the caller names none. Left out: true. */
  readonly automaticMount?: boolean;
  /** Largest manifest that is taken. Left out: 4 MiB, the least that the spec allows. */
  readonly manifestLimitBytes?: number;
}

/** Words that people use for an image that is not there; a tag or a repository with one of them never exists. */
const NOT_THERE = /does-?not-?exist|non-?existent|no-such-/;

/** Which of the options' `missing` a reference falls under. */
export class MissingImages {
  readonly #repositories = new Set<string>();
  readonly #references = new Set<string>();

  constructor(missing: readonly string[]) {
    for (const entry of missing) {
      const full = withRegistry(entry);
      if (full.lastIndexOf(':') > full.lastIndexOf('/') || full.includes('@')) this.#references.add(full);
      else this.#repositories.add(full);
    }
  }

  /** @param repository with registry */
  hasRepository(repository: string): boolean {
    return this.#repositories.has(repository) || NOT_THERE.test(repository);
  }

  /** @param reference a tag or digest */
  hasReference(repository: string, reference: string): boolean {
    const separator = reference.includes(':') ? '@' : ':';
    return NOT_THERE.test(reference) || this.#references.has(`${repository}${separator}${reference}`);
  }
}

/** True when the account is needed for a repository, both with registry. */
export const covers = ({ scope }: Account, repository: string): boolean => repository === scope || repository.startsWith(`${scope}/`);

/** True when the caller is who the account is for; a token is the password of its account. */
export const isAccount = (account: Account, authorization: Authorization): boolean =>
  'token' in authorization
    ? authorization.token === account.password
    : authorization.username === account.username && authorization.password === account.password;

/** Writes `nginx` and `acme/app` as `docker.io/library/nginx` and `docker.io/acme/app`, with whatever tag there is. */
function withRegistry(entry: string): string {
  const slash = entry.indexOf('/');
  if (slash < 0) return `${DEFAULT_REGISTRY}/library/${entry}`;
  const first = entry.slice(0, slash);
  return first === 'localhost' || /[.:]/.test(first) ? entry : `${DEFAULT_REGISTRY}/${entry}`;
}
