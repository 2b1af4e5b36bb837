import { type ConformanceCase, must, sleep } from '@slipway/kernel';
import { statuses } from '../runtime/contract.ts';
import { mustRefuse, type OciSubject, programs, runtimeCase, specOf } from './subject.ts';

/** The lifecycle from first to last. */
export const runtimeLifecycleCases: readonly ConformanceCase<OciSubject>[] = [
  runtimeCase(
    'create.created',
    'create: makes a container that is created and whose program does not run',
    '"Lifecycle", 1-2',
    async (subject) => {
      await subject.create('one');
      const state = await subject.state('one');
      must(state.status === 'created', `the status is created (got ${state.status})`);
      must((state.pid ?? 0) > 0, 'a created container has a pid');
      must(subject.machine.ran.length === 0, 'the user program has not run');
    },
  ),
  runtimeCase('state.fields', 'state: has what the spec asks for', '"State"', async (subject) => {
    const bundle = await subject.start('one', specOf(programs.forever, { annotations: { colour: 'blue' } }));
    const state = await subject.state('one');
    must(state.id === 'one' && state.bundle === bundle, 'id and bundle are those of create');
    must(state.annotations?.colour === 'blue', 'the annotations are those of the configuration');
    must(/^\d+\.\d+\.\d+/.test(state.ociVersion), 'ociVersion is a version');
  }),
  runtimeCase('create.config-is-read-once', 'create: later edits of config.json do not count', '"Lifecycle", 2', async (subject) => {
    const bundle = await subject.create('one');
    subject.machine.bundle(specOf(programs.exit(1)), bundle);
    await subject.settle(subject.runtime.start({ id: 'one' }));
    must((await subject.state('one')).status === 'running', 'the program of the first configuration runs');
  }),
  runtimeCase('start.running', 'start: runs the user program', '"Lifecycle", 6-8', async (subject) => {
    await subject.start('one');
    must((await subject.state('one')).status === 'running', 'the status is running');
    must(subject.machine.ran.join() === programs.forever[0], 'the program ran');
  }),
  runtimeCase(
    'stopped.by-itself',
    'stopped: a container whose program ends is stopped and stays so',
    '"Lifecycle", 10; invariant OCI-01',
    async (subject) => {
      await subject.start('one', specOf(programs.exit(3)));
      await subject.stopped('one', sleep);
      await mustRefuse(subject.settle(subject.runtime.start({ id: 'one' })), 'start of a stopped container');
      const state = await subject.state('one');
      must(state.status === 'stopped' && state.bundle !== '', 'it is still known, and stopped');
    },
  ),
  runtimeCase('kill.stops', 'kill: SIGTERM ends a program that heeds it', '"Kill"', async (subject) => {
    await subject.start('one');
    await subject.settle(subject.runtime.kill({ id: 'one', signal: 'SIGTERM' }));
    await subject.stopped('one', sleep);
  }),
  runtimeCase(
    'kill.created',
    'kill: SIGKILL ends a container that was never started',
    '"Lifecycle", created to stopped',
    async (subject) => {
      await subject.create('one');
      await subject.settle(subject.runtime.kill({ id: 'one', signal: 'KILL' }));
      await subject.stopped('one', sleep);
      must(subject.machine.ran.length === 0, 'the user program never ran');
    },
  ),
  runtimeCase('delete.frees', 'delete: frees what create made and nothing else', '"Delete"; invariant OCI-02', async (subject) => {
    const before = subject.machine.namespaces();
    const bundle = await subject.start('one', specOf(programs.exit(0)));
    await subject.stopped('one', sleep);
    await subject.settle(subject.runtime.delete({ id: 'one' }));
    must(await subject.gone('one'), 'the container is unknown');
    must(subject.machine.namespaces() === before, 'its namespaces are gone');
    must(subject.machine.exists(`${bundle}/config.json`) && subject.machine.exists(`${bundle}/rootfs`), 'the bundle is still there');
  }),
  runtimeCase('delete.id-again', 'delete: the id may be used again', '"Delete"', async (subject) => {
    for (let round = 0; round < 3; round += 1) {
      await subject.start('one', specOf(programs.exit(round)));
      await subject.stopped('one', sleep);
      await subject.settle(subject.runtime.delete({ id: 'one' }));
    }
    await subject.start('one');
    must((await subject.state('one')).status === 'running', 'the fourth container of the name runs');
  }),
  runtimeCase(
    'states.independent',
    'states: containers do not disturb each other and go one way only',
    '"State"; invariant OCI-01',
    async (subject) => {
      const ids = ['a', 'b', 'c', 'd'];
      const seen = new Map<string, number>();
      const look = async (): Promise<void> => {
        for (const id of ids) {
          const at = statuses.indexOf((await subject.state(id)).status);
          must(at >= (seen.get(id) ?? 0), `${id} does not go back to ${statuses[at]}`);
          seen.set(id, at);
        }
      };
      for (const id of ids) await subject.create(id);
      await look();
      await subject.settle(subject.runtime.start({ id: 'b' }));
      await look();
      await subject.settle(subject.runtime.start({ id: 'a' }));
      await subject.settle(subject.runtime.kill({ id: 'b', signal: 'SIGKILL' }));
      await subject.stopped('b', sleep);
      await look();
      await subject.settle(subject.runtime.kill({ id: 'c', signal: 'SIGKILL' }));
      await subject.stopped('c', sleep);
      await look();
      const order = await Promise.resolve(ids.map((id) => statuses[seen.get(id) ?? 0]));
      must(order.join() === 'running,stopped,stopped,created', `each is where it was brought (got ${order.join()})`);
    },
  ),
  runtimeCase(
    'reboot.stops',
    'reboot: no container is recorded as running',
    'opencontainers/runtime-spec#958; invariant OCI-03',
    async (subject) => {
      await subject.start('one');
      await subject.create('two');
      await subject.machine.reboot();
      for (const id of ['one', 'two']) {
        must((await subject.gone(id)) || (await subject.state(id)).status === 'stopped', `${id} is stopped or unknown`);
      }
    },
  ),
  runtimeCase('exec', 'exec: runs a command in a running container, and its exit code is no error', 'runc-exec(8)', async (subject) => {
    await subject.start('one');
    const process = { cwd: '/', args: programs.echo('hello', 'there') };
    const said = await subject.settle(subject.runtime.exec({ id: 'one', process }));
    must(said.exitCode === 0 && said.stdout.trim() === 'hello there', 'its output comes back');
    const failed = await subject.settle(subject.runtime.exec({ id: 'one', process: { cwd: '/', args: programs.exit(7) } }));
    must(failed.exitCode === 7, 'its exit code comes back');
    await subject.settle(subject.runtime.kill({ id: 'one', signal: 'SIGKILL' }));
    await subject.stopped('one', sleep);
    await mustRefuse(subject.settle(subject.runtime.exec({ id: 'one', process })), 'exec in a stopped container');
  }),
];
