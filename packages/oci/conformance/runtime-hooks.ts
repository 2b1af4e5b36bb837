import { type ConformanceCase, must, sleep } from '@slipway/kernel';
import { hookKinds } from '../runtime/contract.ts';
import { mustRefuse, type OciSubject, programs, type RuntimeSubject, runtimeCase, specOf } from './subject.ts';

const SOURCE = '"POSIX-platform Hooks"; "Lifecycle"';

/** A container with one hook of each kind, named after it; those of `failing` fail. */
const hooked = ({ machine }: RuntimeSubject, failing: readonly string[] = []) =>
  specOf(programs.forever, {
    hooks: Object.fromEntries(hookKinds.map(({ name }) => [name, [machine.hook(name, failing.includes(name) ? 1 : 0)]])),
  });

/** Hooks run in their order, at their time, and their failure has the effect that the spec gives it. */
export const runtimeHookCases: readonly ConformanceCase<OciSubject>[] = [
  runtimeCase('hooks.order', 'hooks: run in the order of the lifecycle', SOURCE, async (subject) => {
    const { machine, runtime, settle } = subject;
    const ran = (): string => machine.ran.join(' ');
    await subject.create('one', hooked(subject));
    must(ran() === 'prestart createRuntime createContainer', `create runs its hooks (ran ${ran()})`);
    await settle(runtime.start({ id: 'one' }));
    must(ran().startsWith('prestart createRuntime createContainer startContainer'), `startContainer comes next (ran ${ran()})`);
    must(machine.ran.indexOf('startContainer') < machine.ran.indexOf(programs.forever[0] ?? ''), 'startContainer runs before the program');
    must(machine.ran.includes('poststart'), 'poststart has run when start returns');
    await settle(runtime.kill({ id: 'one', signal: 'SIGKILL' }));
    await subject.stopped('one', sleep);
    must(!machine.ran.includes('poststop'), 'poststop waits for delete');
    await settle(runtime.delete({ id: 'one' }));
    must(machine.ran.at(-1) === 'poststop', 'poststop has run when delete returns');
  }),
  runtimeCase('hooks.list-order', 'hooks: run in the order of their list', SOURCE, async (subject) => {
    const names = ['c', 'a', 'b'];
    await subject.create('one', specOf(programs.forever, { hooks: { createRuntime: names.map((name) => subject.machine.hook(name)) } }));
    must(subject.machine.ran.join() === names.join(), `they ran as listed (ran ${subject.machine.ran.join()})`);
  }),
  ...(['prestart', 'createRuntime', 'createContainer'] as const).map((kind) =>
    runtimeCase(
      `hooks.${kind}-fails`,
      `hooks: when ${kind} fails, create fails, nothing is left and poststop runs`,
      SOURCE,
      async (subject) => {
        const before = subject.machine.namespaces();
        await mustRefuse(subject.create('one', hooked(subject, [kind])), 'create');
        must(await subject.gone('one'), 'no container is left');
        must(subject.machine.namespaces() === before, 'no namespace is left');
        must(subject.machine.ran.at(-1) === 'poststop', 'poststop ran last');
        must(!subject.machine.ran.includes(programs.forever[0] ?? ''), 'the program never ran');
      },
    ),
  ),
  runtimeCase(
    'hooks.start-container-fails',
    'hooks: when startContainer fails, start fails and the program never runs',
    SOURCE,
    async (subject) => {
      await subject.create('one', hooked(subject, ['startContainer']));
      await mustRefuse(subject.settle(subject.runtime.start({ id: 'one' })), 'start');
      must(!subject.machine.ran.includes(programs.forever[0] ?? ''), 'the program never ran');
      must((await subject.gone('one')) || (await subject.state('one')).status === 'stopped', 'the container is stopped or gone');
    },
  ),
  runtimeCase('hooks.poststart-fails', 'hooks: when poststart fails, start fails and the container ends', SOURCE, async (subject) => {
    await subject.create('one', hooked(subject, ['poststart']));
    await mustRefuse(subject.settle(subject.runtime.start({ id: 'one' })), 'start');
    must((await subject.gone('one')) || (await subject.state('one')).status === 'stopped', 'the container is stopped or gone');
  }),
  runtimeCase(
    'hooks.poststop-fails',
    'hooks: when poststop fails, the others still run and the container is gone',
    SOURCE,
    async (subject) => {
      const { machine, runtime, settle } = subject;
      const poststop = [machine.hook('first', 1), machine.hook('second')];
      await subject.start('one', specOf(programs.exit(0), { hooks: { poststop } }));
      await subject.stopped('one', sleep);
      await settle(runtime.delete({ id: 'one' }));
      must(await subject.gone('one'), 'the container is unknown');
      must(machine.ran.includes('first') && machine.ran.includes('second'), 'both hooks ran');
    },
  ),
];
