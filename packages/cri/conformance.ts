import { commandCases } from './conformance/commands-and-logs.ts';
import { containerCases } from './conformance/containers.ts';
import { imageCases } from './conformance/images.ts';
import { podCases } from './conformance/pods.ts';
import { runtimeCases } from './conformance/runtime.ts';
import type { CriCase } from './conformance/subject.ts';

export type { CriCase, CriSubject } from './conformance/subject.ts';

/** What every container runtime passes, ours or a visitor's. Sources name the RPC or message of api.proto, and critest v1.36's case. */
export const criCases: readonly CriCase[] = [...runtimeCases, ...podCases, ...containerCases, ...commandCases, ...imageCases];
