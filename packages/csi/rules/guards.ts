import type { Guard, Rule } from '@slipway/kernel';
import { type CsiCode, generalCodes, troubleCodes } from '../errors.ts';
import { beyondLimits } from './limits.ts';
import { secretKeysWrong } from './names.ts';

/** What a spec's table says of one RPC, and what else has to hold. */
export interface Demands<Q, R> {
  /** Fields of the request that must be there and not empty. */
  readonly required?: readonly (keyof Q & string)[];
  /** Fields of the request that must be there, and may be empty: csi-sanity sends them so. */
  readonly present?: readonly (keyof Q & string)[];
  /** Fields of the answer that must be there and not empty. */
  readonly answers?: readonly (keyof R & string)[];
  /** Codes of the RPC's own table. */
  readonly codes?: readonly CsiCode[];
  /** What goes beyond presence and size: a name for the rule and its checks. */
  readonly rules?: Readonly<Record<string, Pick<Rule<Q, R>, 'request' | 'response'>>>;
}

/** The guard of one RPC. @param rpc as in csi.proto, which is also the section of the spec */
export function guard<Q extends object, R extends object>(rpc: string, demands: Demands<Q, R> = {}): Guard<Q, R> {
  const { required = [], present = [], answers = [], codes = [], rules = {} } = demands;
  const id = (name: string): string => `csi.${kebab(rpc)}.${name}`;
  return {
    rules: [
      ...required.map((field): Rule<Q, R> => {
        const request = (given: Q): string | undefined => (isEmpty(given[field]) ? `${field} is required` : undefined);
        return { id: id(`${kebab(field)}-required`), source: rpc, request };
      }),
      ...present.map((field): Rule<Q, R> => {
        const request = (given: Q): string | undefined => (given[field] === undefined ? `${field} is required` : undefined);
        return { id: id(`${kebab(field)}-present`), source: rpc, request };
      }),
      ...answers.map((field): Rule<Q, R> => {
        const response = (_: Q, answer: R): string | undefined => (isEmpty(answer[field]) ? `${field} must be answered` : undefined);
        return { id: id(`answers-${kebab(field)}`), source: rpc, response };
      }),
      {
        id: id('within-limits'),
        source: 'Size Limits',
        request: (request) => beyondLimits(request) ?? secretKeysWrong((request as WithSecrets).secrets),
        response: (_, response) => beyondLimits(response),
      },
      ...Object.entries(rules).map(([name, checks]): Rule<Q, R> => ({ id: id(name), source: rpc, ...checks })),
    ],
    codes: [...new Set([...codes, ...generalCodes, ...troubleCodes])],
  };
}

interface WithSecrets {
  readonly secrets?: Readonly<Record<string, string>>;
}

/** proto3 cannot tell a field that was left out from an empty one; false and 0 are values all the same here. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** `createVolume` and `CreateVolume` give `create-volume`. */
export function kebab(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** Capabilities that are reported must be known ones: callers ignore others, and csi-sanity fails on them. */
export function capabilitiesKnown(types: readonly (string | undefined)[], known: readonly string[]): string | undefined {
  const stray = types.find((type) => type === undefined || !known.includes(type));
  return types.every((type) => type !== undefined && known.includes(type))
    ? undefined
    : `every capability must be one of the spec, not ${stray ?? 'empty'}`;
}
