import { ageOf } from '../time.ts';
import type { KubeObject } from '../types/index.ts';
import { type Column, column } from './column.ts';

/** The first column of nearly every kind. */
export const name: Column<KubeObject> = column('Name', ({ metadata }) => metadata.name);

/** The time since creation. */
export const age: Column<KubeObject> = column('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));
