import { ApiError, isEqual } from '@slipway/kube';
import { isDocument, type Document } from './document.ts';

/** One operation of RFC 6902; paths are RFC 6901 pointers. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Upstream's limit. Source: apiserver `endpoints/handlers/patch.go` maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;

/**
 * Applies the operations in order and shares with the old document all that they leave alone.
 *
 * Our own, since the packages on npm change documents in place or copy them whole.
 *
 * @throws ApiError Invalid when one fails, a failing `test` included; RequestEntityTooLarge beyond 10,000. RFC 6902, section 4.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  if (operations.length > MAX_OPERATIONS) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  }
  return operations.reduce(applyOne, document);
}

function applyOne(document: unknown, operation: JsonPatchOperation): unknown {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return put(document, path, 0, operation.value, 'add');
    case 'replace':
      return put(document, path, 0, operation.value, 'replace');
    case 'remove':
      return remove(document, path, 0);
    case 'copy':
      return put(document, path, 0, read(document, parsePointer(operation.from)), 'add');
    case 'move': {
      if (operation.path.startsWith(`${operation.from}/`)) throw failed(`cannot move ${operation.from} into itself`);
      const from = parsePointer(operation.from);
      return put(remove(document, from, 0), path, 0, read(document, from), 'add');
    }
    case 'test':
      if (!isEqual(read(document, path), operation.value)) throw failed(`testing value ${operation.path} failed`);
      return document;
    default:
      throw failed(`unknown operation ${String((operation as { op?: unknown }).op)}`);
  }
}

const failed = (why: string): ApiError => new ApiError('Invalid', `the server rejected our request due to an error in our request: ${why}`);

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw failed(`"${pointer}" is no JSON pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexOf(list: readonly unknown[], part: string, end: number): number {
  if (!/^(0|[1-9]\d*)$/.test(part) || Number(part) > end) throw failed(`index ${part} is not in a list of ${list.length}`);
  return Number(part);
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const part of path) {
    if (Array.isArray(value)) value = value[indexOf(value, part, value.length - 1)];
    else if (isDocument(value) && Object.hasOwn(value, part)) value = value[part];
    else throw failed(`the path /${path.join('/')} does not exist`);
  }
  return value;
}

function put(target: unknown, path: readonly string[], depth: number, value: unknown, how: 'add' | 'replace'): unknown {
  const part = path[depth];
  if (part === undefined) return value;
  const last = depth === path.length - 1;
  if (Array.isArray(target)) {
    const list: readonly unknown[] = target;
    if (last && how === 'add') return list.toSpliced(part === '-' ? list.length : indexOf(list, part, list.length), 0, value);
    const index = indexOf(list, part, list.length - 1);
    return list.with(index, put(list[index], path, depth + 1, value, how));
  }
  const known = isDocument(target) && Object.hasOwn(target, part);
  if (!isDocument(target) || (!known && !(last && how === 'add'))) throw failed(`the path /${path.join('/')} does not exist`);
  return { ...target, [part]: put(target[part], path, depth + 1, value, how) };
}

function remove(target: unknown, path: readonly string[], depth: number): unknown {
  const part = path[depth];
  if (part === undefined) return null;
  const last = depth === path.length - 1;
  if (Array.isArray(target)) {
    const index = indexOf(target, part, target.length - 1);
    return last ? target.toSpliced(index, 1) : target.with(index, remove(target[index], path, depth + 1));
  }
  if (!isDocument(target) || !Object.hasOwn(target, part)) throw failed(`the path /${path.join('/')} does not exist`);
  if (!last) return { ...target, [part]: remove(target[part], path, depth + 1) };
  const { [part]: _gone, ...rest } = target as Document;
  return rest;
}
