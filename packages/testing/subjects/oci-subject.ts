import { makeOciSubject, type OciSubject } from '@slipway/oci/conformance';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext } from '../stub-context.ts';

export interface OciSubjectOptions {
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
}

/** Puts a low-level runtime on a fresh machine, for `ociRuntimeCases` and `ociStories`. */
export function ociSubject<O>(plugin: Plugin<'oci', O>, { options }: OciSubjectOptions = {}): OciSubject {
  const parsed = parseOptions(plugin, options);
  return makeOciSubject({ runtime: (host) => plugin.create(pluginContext<O>({ options: parsed, host })).runtime });
}
