import { badRequest, isEqual } from '@slipway/kube';
import { isDocument, withFields, type Document } from './document.ts';

import { mergeRule } from './merge-keys.ts';

const SET_ORDER = '$setElementOrder/';
const DELETE_SCALARS = '$deleteFromPrimitiveList/';

/**
 * Strategic merge: as RFC 7386, but lists whose elements have a key merge element by element, and the directives `$patch`,
 * `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>` and `$retainKeys` are obeyed. For built-in kinds only.
 * Source: apimachinery `util/strategicpatch/patch.go`. Returns the target itself when nothing changes.
 *
 * @throws ApiError BadRequest for an element without its key or an unknown directive.
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown, field?: string): unknown {
  if (!isDocument(patch)) return isEqual(target, patch) ? target : patch;
  const directive = patch['$patch'];
  if (directive === 'replace') {
    const { $patch: _directive, ...rest } = patch;
    return rest;
  }
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`unknown patch directive ${String(directive)}`);

  const base = retain(isDocument(target) ? target : {}, patch['$retainKeys']);
  const changes = new Map<string, unknown>();
  for (const name in patch) {
    if (name.startsWith('$')) continue;
    const value = patch[name];
    if (value === undefined) continue;
    if (value === null) changes.set(name, undefined);
    else if (Array.isArray(value)) changes.set(name, mergeList(base[name], value, patch[SET_ORDER + name], name, field));
    else changes.set(name, applyStrategicMergePatch(base[name], value, name));
  }
  for (const directiveName in patch) {
    if (directiveName.startsWith(DELETE_SCALARS)) {
      const name = directiveName.slice(DELETE_SCALARS.length);
      const gone = new Set(patch[directiveName] as readonly unknown[]);
      const list = (changes.get(name) ?? base[name]) as readonly unknown[] | undefined;
      if (list)
        changes.set(
          name,
          unchangedOr(
            list,
            list.filter((item) => !gone.has(item)),
          ),
        );
    } else if (directiveName.startsWith(SET_ORDER)) {
      const name = directiveName.slice(SET_ORDER.length);
      if (!changes.has(name) && Array.isArray(base[name])) {
        changes.set(name, mergeList(base[name], [], patch[directiveName], name, field));
      }
    }
  }
  return withFields(base, changes);
}

function retain(document: Document, keys: unknown): Document {
  if (!Array.isArray(keys)) return document;
  const kept = new Set<unknown>(keys);
  const gone = Object.keys(document).filter((key) => !kept.has(key));
  return withFields(document, new Map(gone.map((key) => [key, undefined])));
}

function mergeList(target: unknown, patch: readonly unknown[], order: unknown, field: string, parent: string | undefined): unknown {
  const rule = mergeRule(field, parent);
  const base: readonly unknown[] = Array.isArray(target) ? target : [];
  const replaced = patch.filter((item) => !(isDocument(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1));
  if (rule === 'atomic' || replaced.length < patch.length) return unchangedOr(base, replaced, target !== undefined);
  if (rule === 'set') {
    const merged = [...base, ...patch.filter((item) => !base.includes(item))];
    return unchangedOr(
      base,
      sortLike(merged, order, (item) => item),
      target !== undefined,
    );
  }
  const { key } = rule;
  const merged = [...base];
  for (const item of patch) {
    const id = isDocument(item) ? item[key] : undefined;
    if (!isDocument(item) || id === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const at = merged.findIndex((element) => isDocument(element) && element[key] === id);
    if (item['$patch'] === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (at < 0) {
      merged.push(withoutDirectives(item));
    } else {
      merged[at] = applyStrategicMergePatch(merged[at], item, field);
    }
  }
  const idOf = (item: unknown): unknown => (isDocument(item) ? item[key] : item);
  const wanted = Array.isArray(order) ? order.map(idOf) : undefined;
  return unchangedOr(base, sortLike(merged, wanted, idOf), target !== undefined);
}

/** A new element may carry directives for lists of its own; they mean nothing where there is nothing yet. */
function withoutDirectives(item: Document): unknown {
  return applyStrategicMergePatch({}, item);
}

/** Elements named by `order` come in that order; the others keep their place after the element that they follow. */
function sortLike(items: readonly unknown[], order: unknown, idOf: (item: unknown) => unknown): readonly unknown[] {
  if (!Array.isArray(order)) return items;
  const rank = new Map(order.map((id, index) => [id, index]));
  let last = -1;
  const placed = items.map((item) => {
    const own = rank.get(idOf(item));
    if (own !== undefined) last = own;
    return { item, rank: own ?? last };
  });
  return placed.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function unchangedOr(before: readonly unknown[], after: readonly unknown[], existed = true): readonly unknown[] {
  return existed && before.length === after.length && before.every((item, index) => isEqual(item, after[index])) ? before : after;
}
