import type { ApiClient } from '@slipway/client';
import { decodeBase64, decodeUtf8 } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import type { SecretReference } from '@slipway/kube';

/** A secret as the call wants it: texts by key. Undefined without a reference. @throws ApiError */
export function* readSecret(api: ApiClient, reference: SecretReference | undefined): Process<Readonly<Record<string, string>> | undefined> {
  if (!reference) return undefined;
  const { data = {} } = yield* api.secrets.get({ namespace: reference.namespace ?? '', name: reference.name ?? '' });
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decodeUtf8(decodeBase64(value))]));
}
