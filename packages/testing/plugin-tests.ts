import { cniCases } from '@slipway/cni/conformance';
import { cpiCases } from '@slipway/cpi/conformance';
import { criCases } from '@slipway/cri/conformance';
import { csiCases } from '@slipway/csi/conformance';
import { ociRuntimeCases } from '@slipway/oci/conformance';
import { meshCases } from '@slipway/smi/conformance';
import { assertCniHistories } from './commands/cni-commands.ts';
import { assertCriHistories } from './commands/cri-commands.ts';
import { assertCsiHistories } from './commands/csi-commands.ts';
import { assertMeshHistories } from './commands/mesh-commands.ts';
import type { TestRunner } from './conformance.ts';
import { type Made, pluginForm } from './plugin-forms.ts';
import { describePlugin, type PluginTestOptions, split, storyWorld, titleOf } from './plugin-parts.ts';
import { cniSession, cniStories } from './stories/models/cni-stories.ts';
import { cpiSession, cpiStories } from './stories/models/cpi-stories.ts';
import { criSession, criStories } from './stories/models/cri-stories.ts';
import { csiSession, csiStories } from './stories/models/csi-stories.ts';
import { ociStories } from './stories/models/oci-stories.ts';
import type { StoryConnect } from './stories/run-story.ts';
import { type CniSubjectOptions, cniSubject } from './subjects/cni-subject.ts';
import { type CpiSurroundings, cpiSubject } from './subjects/cpi-subject.ts';
import { type CriSurroundings, criSubject } from './subjects/cri-subject.ts';
import { type CsiSurroundings, csiSubject } from './subjects/csi-subject.ts';
import { type MeshSubjectOptions, meshSubject } from './subjects/mesh-subject.ts';
import { ociSubject } from './subjects/oci-subject.ts';

/**
 * Tests a storage driver: every case of CSI that applies to it, histories on two machines, faults and restarts between any two calls, and
 * several side-cars at once.
 *
 * ```ts
 * describeCsiDriver({ describe, it }, () => new MyDriver());
 * ```
 *
 * @param driver a plugin, or a function that makes one: `{ identity, controller, node }`, or one object with the methods of all of them
 */
export function describeCsiDriver(runner: TestRunner, driver: Made<'csi'>, options: PluginTestOptions & CsiSurroundings = {}): void {
  const [tests, surroundings] = split(options);
  const connect = (kernel = surroundings.kernel) => {
    const { plugin, restarts } = pluginForm('csi', driver);
    return csiSubject(plugin, { restarts, ...surroundings, ...(kernel === undefined ? {} : { kernel }) });
  };
  // A driver without a controller has no volumes to tell stories about.
  const hasController = connect().controller !== undefined;
  describePlugin(runner, tests, titleOf('csi', driver), csiCases, connect, (run) => {
    if (!hasController) return;
    run.histories((parameters) => assertCsiHistories(() => connect(), parameters));
    run.stories(csiStories, (kernel) => {
      const subject = connect(kernel);
      return { ...storyWorld(subject), session: csiSession(subject), client: subject.controller as never };
    });
  });
}

/**
 * Tests a network plugin alone on a machine.
 *
 * @param options `config` is what the plugin reads; `capacity`, how many addresses that gives, makes leaks visible
 */
export function describeCniPlugin(runner: TestRunner, plugin: Made<'cni'>, options: PluginTestOptions & CniSubjectOptions): void {
  const [tests, surroundings] = split(options);
  const connect = (kernel = surroundings.kernel) => {
    const form = pluginForm('cni', plugin);
    return cniSubject(form.plugin, { restarts: form.restarts, ...surroundings, ...(kernel === undefined ? {} : { kernel }) });
  };
  describePlugin(runner, tests, titleOf('cni', plugin), cniCases, connect, (run) => {
    run.histories((parameters) => assertCniHistories(() => connect(), parameters));
    const world: StoryConnect<ReturnType<typeof cniSession>> = (kernel) => {
      const subject = connect(kernel);
      return { ...storyWorld(subject), session: cniSession(subject), client: subject.cni as never };
    };
    // A program is run once for each call: nobody runs it twice.
    run.stories(cniStories(surroundings.capacity), world, ['twice']);
  });
}

/** Tests a container runtime. @param options `cni`, `oci` and `registry` are what it stands on */
export function describeCriRuntime(runner: TestRunner, runtime: Made<'cri'>, options: PluginTestOptions & CriSurroundings): void {
  const [tests, surroundings] = split(options);
  const connect = (kernel = surroundings.kernel) => {
    const { plugin } = pluginForm('cri', runtime);
    return criSubject(plugin, { ...surroundings, ...(kernel === undefined ? {} : { kernel }) });
  };
  describePlugin(runner, tests, titleOf('cri', runtime), criCases, connect, (run) => {
    run.histories((parameters) => assertCriHistories(() => connect(), parameters));
    const world: StoryConnect<ReturnType<typeof criSession>> = (kernel) => {
      const subject = connect(kernel);
      return { ...storyWorld(subject, false), session: criSession(subject), client: subject.runtime as never };
    };
    // gRPC sends a request once, and not every call of a runtime may be repeated.
    run.stories(criStories, world, ['twice']);
  });
}

/** Tests a low-level runtime on a machine of its own. */
export function describeOciRuntime(
  runner: TestRunner,
  runtime: Made<'oci'>,
  options: PluginTestOptions & { readonly options?: unknown } = {},
): void {
  const [tests, surroundings] = split(options);
  const connect = () => ociSubject(pluginForm('oci', runtime).plugin, surroundings);
  describePlugin(runner, tests, titleOf('oci', runtime), ociRuntimeCases, connect, (run) => {
    run.stories(
      ociStories,
      () => {
        const { settle, runtime: client, machine } = connect();
        if (!client || !machine) throw new TypeError('the subject has no runtime');
        return { settle, session: { runtime: client, machine }, client: client as never };
      },
      // A program is run once for each call.
      ['twice'],
    );
  });
}

/** Tests a cloud provider before a small cloud with two machines. */
export function describeCloudProvider(runner: TestRunner, provider: Made<'cpi'>, options: PluginTestOptions & CpiSurroundings = {}): void {
  const [tests, surroundings] = split(options);
  const connect = (kernel = surroundings.kernel) => {
    const { plugin, restarts } = pluginForm('cpi', provider);
    return cpiSubject(plugin, { restarts, ...surroundings, ...(kernel === undefined ? {} : { kernel }) });
  };
  describePlugin(runner, tests, titleOf('cpi', provider), cpiCases, connect, (run) => {
    run.stories(cpiStories, (kernel) => {
      const subject = connect(kernel);
      return { ...storyWorld(subject), session: cpiSession(subject), client: subject.cpi.provider as never };
    });
  });
}

/** Tests a mesh. @param options `can` says what it does as it is set up; what it leaves open, cases find out */
export function describeMesh(runner: TestRunner, mesh: Made<'smi'>, options: PluginTestOptions & MeshSubjectOptions = {}): void {
  const [tests, surroundings] = split(options);
  const connect = () => meshSubject(pluginForm('smi', mesh).plugin, surroundings);
  describePlugin(runner, tests, titleOf('smi', mesh), meshCases, connect, (run) => {
    run.histories((parameters) => assertMeshHistories(connect, parameters));
    run.faults((parameters) => assertMeshHistories(connect, { ...parameters, faults: true }));
  });
}
