import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, alreadyExists, conflict, forbidden, invalid, isApiError, notFound, tooOldResourceVersion } from './api-error.ts';
import { setCondition } from './conditions.ts';
import { differingPaths, isEqual, isSemanticallyEqual } from './equality.ts';
import { resourceOf } from './kinds.ts';
import { controllerOf, controllerReference, isControlledBy, keyOf, splitKey } from './owners.ts';
import type { PodCondition } from './types/index.ts';
import { invalidValue, requiredValue, unsupportedValue } from './validation/index.ts';

const pods = resourceOf('pods');
const deployments = resourceOf('deployments');

describe('API errors', () => {
  it('messages: name the resource, with its group', () => {
    expect(notFound(pods, 'x').message).toBe('pods "x" not found');
    expect(notFound(deployments, 'x').message).toBe('deployments.apps "x" not found');
    expect(alreadyExists(pods, 'x').message).toBe('pods "x" already exists');
    expect(conflict(pods, 'x').message).toBe(
      'Operation cannot be fulfilled on pods "x": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect(forbidden(pods, 'x', 'exceeded quota').message).toBe('pods "x" is forbidden: exceeded quota');
    expect(tooOldResourceVersion(5, 9).message).toBe('too old resource version: 5 (9)');
  });

  it('invalid: one error as it is, several in brackets, each a cause', () => {
    const wrong = invalidValue('spec.selector', { matchLabels: { a: 'b' } }, '`selector` does not match template `labels`');
    expect(invalid(deployments, 'x', [wrong]).message).toBe(
      'Deployment.apps "x" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` does not match template `labels`',
    );
    const both = invalid(pods, 'x', [requiredValue('spec.containers'), unsupportedValue('spec.restartPolicy', 'No', ['Never', 'Always'])]);
    expect(both.message).toBe(
      'Pod "x" is invalid: [spec.containers: Required value, spec.restartPolicy: Unsupported value: "No": supported values: "Always", "Never"]',
    );
    expect(both.details.causes?.map(({ reason, field }) => [reason, field])).toEqual([
      ['FieldValueRequired', 'spec.containers'],
      ['FieldValueNotSupported', 'spec.restartPolicy'],
    ]);
    expect(both.toStatus()).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Invalid', code: 422, details: { kind: 'Pod' } });
  });

  it('isApiError: knows an error by its tag, also one of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('@slipway/kube/ApiError')]: true, code: 'Conflict' });
    expect([isApiError(foreign), isApiError(foreign, 'Conflict', 'Expired'), isApiError(foreign, 'NotFound')]).toEqual([true, true, false]);
    expect([isApiError(new Error('x')), isApiError(undefined), isApiError({ code: 'Conflict' })]).toEqual([false, false, false]);
    expect(new ApiError('Timeout', 'x').status).toBe(504);
  });
});

describe('owners', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'r', namespace: 'n', uid: 'u1' } };

  it('controllerReference: marks the owner as the one that manages', () => {
    const child = { metadata: { name: 'p', ownerReferences: [controllerReference(owner)] } };
    expect(controllerOf(child)?.uid).toBe('u1');
    expect(isControlledBy(child, owner)).toBe(true);
    expect(isControlledBy(child, { metadata: { name: 'r', uid: 'u2' } })).toBe(false);
    expect(isControlledBy({ metadata: { name: 'p' } }, { metadata: { name: 'r' } })).toBe(false);
  });

  it('keys: split into what they were made of', () => {
    expect(splitKey(keyOf(owner))).toEqual({ namespace: 'n', name: 'r' });
    expect(splitKey(keyOf({ metadata: { name: 'node-1' } }))).toEqual({ namespace: '', name: 'node-1' });
  });
});

describe('conditions', () => {
  const ready = (status: 'True' | 'False', at: string, reason = 'r'): PodCondition => ({
    type: 'Ready',
    status,
    reason,
    lastTransitionTime: at,
  });

  it('setCondition: the time stays while the status does, and no change is no new list', () => {
    const first = setCondition<PodCondition>([], ready('True', 't1'));
    expect(setCondition(first, ready('True', 't2'))).toBe(first);
    expect(setCondition(first, ready('True', 't2', 'other'))).toEqual([ready('True', 't1', 'other')]);
    expect(setCondition(first, ready('False', 't2'))).toEqual([ready('False', 't2')]);
    expect(setCondition(undefined, ready('True', 't1'))).toHaveLength(1);
  });
});

describe('equality', () => {
  it('property: a value equals its copy, and differs from one with a leaf changed', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const copy: typeof value = JSON.parse(JSON.stringify(value));
        expect(isEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true);
        expect(isEqual({ ...copy, extra: 1 }, { ...copy, extra: 2 })).toBe(false);
      }),
    );
  });

  it('semantic: empty lists and texts equal absent ones', () => {
    expect(isSemanticallyEqual({ a: [], b: '' }, {})).toBe(true);
    expect(isEqual({ a: [] }, {})).toBe(false);
    expect(isEqual({ a: undefined }, {})).toBe(true);
    expect(isSemanticallyEqual({ a: 0 }, {})).toBe(false);
  });

  it('differingPaths: names the leaves', () => {
    expect(differingPaths({ a: [{ b: 1, c: 2 }], d: 1 }, { a: [{ b: 1, c: 3 }], d: 1 })).toEqual(['a[0].c']);
  });
});
