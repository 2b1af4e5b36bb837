import { type ConformanceCase, must, sleep } from '@slipway/kernel';
import type { RuntimeSpec } from '../runtime/spec.ts';
import { mustRefuse, type OciSubject, programs, type RuntimeSubject, runtimeCase, specOf } from './subject.ts';

/** Configurations with a property that cannot be applied. */
const unfit: readonly (readonly [what: string, spec: RuntimeSpec])[] = [
  [
    'a mount whose source is missing',
    specOf(programs.forever, { mounts: [{ destination: '/data', type: 'bind', source: '/nowhere', options: ['rbind'] }] }),
  ],
  ['a mount at a relative path', specOf(programs.forever, { mounts: [{ destination: 'data', type: 'tmpfs', source: 'tmpfs' }] })],
  [
    'a network namespace that is not there',
    specOf(programs.forever, { linux: { namespaces: [{ type: 'network', path: '/run/netns/none' }] } }),
  ],
  ['a kind of namespace twice', specOf(programs.forever, { linux: { namespaces: [{ type: 'network' }, { type: 'network' }] } })],
  ['a root that is not there', specOf(programs.forever, { root: { path: 'no-such-folder' } })],
  ['a working folder that is relative', { ...specOf([]), process: { args: programs.forever, cwd: 'here' } }],
  ['no ociVersion', specOf(programs.forever, { ociVersion: '' })],
  ['a hook at a relative path', specOf(programs.forever, { hooks: { createRuntime: [{ path: 'hook' }] } })],
];

/** An operation on a container by id. */
type Operation = (subject: RuntimeSubject, id: string) => Promise<unknown>;

const operations: readonly (readonly [name: string, call: Operation])[] = [
  ['state', ({ settle, runtime }, id) => settle(runtime.state({ id }))],
  ['start', ({ settle, runtime }, id) => settle(runtime.start({ id }))],
  ['kill', ({ settle, runtime }, id) => settle(runtime.kill({ id, signal: 'SIGTERM' }))],
  ['delete', ({ settle, runtime }, id) => settle(runtime.delete({ id }))],
];

/** Every condition under which the spec demands an error, and that the error changes nothing. */
export const runtimeErrorCases: readonly ConformanceCase<OciSubject>[] = [
  ...operations.map(([name, call]) =>
    runtimeCase(`${name}.id-required`, `${name}: without an id is an error`, `"Operations", ${name}`, (subject) =>
      mustRefuse(call(subject, ''), `${name} without an id`),
    ),
  ),
  ...operations.map(([name, call]) =>
    runtimeCase(`${name}.unknown`, `${name}: of an unknown container is an error`, `"Operations", ${name}`, (subject) =>
      mustRefuse(call(subject, 'nobody'), `${name} of an unknown container`),
    ),
  ),
  runtimeCase('create.arguments', 'create: without id or bundle is an error', '"Create"', async (subject) => {
    const bundle = subject.machine.bundle(specOf(programs.forever));
    await mustRefuse(subject.settle(subject.runtime.create({ id: '', bundle })), 'create without an id');
    await mustRefuse(subject.settle(subject.runtime.create({ id: 'one', bundle: '' })), 'create without a bundle');
    must(await subject.gone('one'), 'no container is left');
  }),
  runtimeCase('create.id-invalid', 'create: an id that is no name is an error', '"Create"', async (subject) => {
    const bundle = subject.machine.bundle(specOf(programs.forever));
    for (const id of ['../etc', 'a b', 'a/b', '.']) {
      await mustRefuse(subject.settle(subject.runtime.create({ id, bundle })), `create with the id "${id}"`);
    }
  }),
  runtimeCase(
    'create.id-in-use',
    'create: an id that is in use is an error, and its container stays as it was',
    '"Create"',
    async (subject) => {
      await subject.start('one');
      const before = await subject.state('one');
      await mustRefuse(subject.create('one', specOf(programs.exit(0))), 'create with the same id');
      const after = await subject.state('one');
      must(after.status === 'running' && after.pid === before.pid && after.bundle === before.bundle, 'the first container runs on');
    },
  ),
  runtimeCase('create.no-config', 'create: a bundle without config.json is an error', '"Create"; bundle.md', async (subject) => {
    await mustRefuse(subject.settle(subject.runtime.create({ id: 'one', bundle: '/no/such/bundle' })), 'create');
    must(await subject.gone('one'), 'no container is left');
  }),
  ...unfit.map(([what, spec], at) =>
    runtimeCase(
      `create.unfit-${at + 1}`,
      `create: ${what} is an error, and no container is left`,
      '"Create": a property cannot be applied',
      async (subject) => {
        const before = subject.machine.namespaces();
        await mustRefuse(subject.create('one', spec), 'create');
        must(await subject.gone('one'), 'no container is left');
        must(subject.machine.namespaces() === before, 'no namespace is left');
        await subject.start('one');
        must((await subject.state('one')).status === 'running', 'the id may be used');
      },
    ),
  ),
  runtimeCase('start.twice', 'start: of a running container is an error without effect', '"Start"', async (subject) => {
    await subject.start('one');
    await mustRefuse(subject.settle(subject.runtime.start({ id: 'one' })), 'a second start');
    must((await subject.state('one')).status === 'running', 'it runs on');
    must(subject.machine.ran.length === 1, 'the program runs once');
  }),
  runtimeCase('start.no-process', 'start: without a process is an error', '"Start"', async (subject) => {
    const { process: _, ...spec } = specOf([]);
    const bundle = subject.machine.bundle(spec);
    const created = await subject.settle(subject.runtime.create({ id: 'one', bundle })).then(
      () => true,
      () => false,
    );
    // Runtimes that look at `process` when they create refuse already then, which serves the caller as well.
    if (created) await mustRefuse(subject.settle(subject.runtime.start({ id: 'one' })), 'start');
  }),
  runtimeCase('kill.stopped', 'kill: of a stopped container is an error without effect', '"Kill"', async (subject) => {
    await subject.start('one', specOf(programs.exit(0)));
    await subject.stopped('one', sleep);
    await mustRefuse(subject.settle(subject.runtime.kill({ id: 'one', signal: 'SIGTERM' })), 'kill');
    must((await subject.state('one')).status === 'stopped', 'it is still stopped');
  }),
  runtimeCase('kill.signal', 'kill: a signal that does not exist is an error', 'runc-kill(8)', async (subject) => {
    await subject.start('one');
    await mustRefuse(subject.settle(subject.runtime.kill({ id: 'one', signal: 'SIGNONSENSE' })), 'kill');
    must((await subject.state('one')).status === 'running', 'it runs on');
  }),
  runtimeCase(
    'delete.running',
    'delete: of a running container is an error without effect',
    '"Delete"; invariant OCI-01',
    async (subject) => {
      await subject.start('one');
      const before = await subject.state('one');
      await mustRefuse(subject.settle(subject.runtime.delete({ id: 'one' })), 'delete');
      const after = await subject.state('one');
      must(after.status === 'running' && after.pid === before.pid, 'it runs on');
    },
  ),
  runtimeCase('delete.force', 'delete: with force ends and removes a running container', 'runc-delete(8)', async (subject) => {
    await subject.start('one');
    await subject.settle(subject.runtime.delete({ id: 'one', force: true }));
    must(await subject.gone('one'), 'the container is unknown');
  }),
];
