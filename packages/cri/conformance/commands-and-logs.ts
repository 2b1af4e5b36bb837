import { must, seconds, sleep } from '@slipway/kernel';
import { containerConfig, criCase, forever, makeContainer, mustFail, podConfig, runContainer, runPod, type CriCase } from './subject.ts';

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** `<time> <stream> <tag> <content>`; times as RFC 3339 with a fraction of a second or without. */
const LOG_LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (stdout|stderr) (P|F) (.*)$/;

/** Commands in containers, log files, streaming sessions, events. */
export const commandCases: readonly CriCase[] = [
  criCase(
    'exec-sync.output',
    'execSync: output and exit code are answered',
    'ExecSync; critest Container: should support execSync',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const said = yield* cri.runtime.execSync({ containerId, cmd: ['echo', '-n', 'hello'], timeout: 10 });
      must(
        text(said.stdout) === 'hello' && said.stderr.length === 0 && said.exitCode === 0,
        `hello is answered, not ${JSON.stringify(text(said.stdout))}`,
      );
      const failed = yield* cri.runtime.execSync({ containerId, cmd: ['sh', '-c', 'exit 3'], timeout: 10 });
      must(failed.exitCode === 3, 'another exit code is an answer, not an error');
    },
  ),
  criCase(
    'exec-sync.timeout',
    'execSync: a command that takes too long is an error',
    'ExecSyncRequest.timeout; critest Container: should support execSync with timeout',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const code = yield* mustFail(
        cri.runtime.execSync({ containerId, cmd: ['sleep', '321'], timeout: 1 }),
        'the command is cut after a second',
      );
      must(code === 'DEADLINE_EXCEEDED', `the code is DEADLINE_EXCEEDED, not ${code}`);
      must((yield* cri.runtime.containerStatus({ containerId })).status.state === 'CONTAINER_RUNNING', 'the container runs on');
    },
  ),
  criCase('exec-sync.running-only', 'execSync: needs a running container', 'ExecSync', function* (cri) {
    const config = podConfig('web');
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
    yield* mustFail(cri.runtime.execSync({ containerId, cmd: ['echo'] }), 'a created container runs no commands');
    must(
      (yield* mustFail(cri.runtime.execSync({ containerId: 'there-is-none', cmd: ['echo'] }), 'an unknown one is an error')) ===
        'NOT_FOUND',
      'the code is NOT_FOUND',
    );
  }),
  criCase(
    'log.format',
    'log: each line is time, stream, tag and content',
    'ContainerConfig.log_path; critest Container: should support starting container with log',
    function* (cri) {
      if (!cri.readFile) return 'no file can be read';
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', ['sh', '-c', 'echo one; echo two']));
      yield* sleep(seconds(5));
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      must(status.logPath === '/var/log/pods/web/main/0.log', `the path is the directory and the log path, not ${status.logPath}`);
      const lines = cri.readFile('/var/log/pods/web/main/0.log').split('\n');
      must(lines.pop() === '', 'every line ends');
      const parts = lines.map((line) => LOG_LINE.exec(line));
      must(
        parts.every((part) => part?.[1] === 'stdout' && part[2] === 'F'),
        `every line has the format: ${lines[0] ?? ''}`,
      );
      must(parts.map((part) => part?.[3]).join() === 'one,two', 'the content is what was printed');
    },
  ),
  criCase(
    'log.reopen',
    'reopenContainerLog: after a rotation the file is there again',
    'ReopenContainerLog; critest Container: should support reopening container log',
    function* (cri) {
      if (!cri.readFile || !cri.moveFile) return 'no file can be moved';
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', ['sh', '-c', 'echo one; sleep 1000']));
      yield* sleep(seconds(1));
      const path = '/var/log/pods/web/main/0.log';
      cri.moveFile(path, `${path}.rotated`);
      yield* cri.runtime.reopenContainerLog({ containerId });
      must(cri.readFile(path) === '', 'a new, empty file is there');
      must(cri.readFile(`${path}.rotated`).includes('one'), 'the old one has what was printed');
      yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
      yield* mustFail(cri.runtime.reopenContainerLog({ containerId }), 'an ended container has no log to open');
    },
  ),
  criCase('sessions.url', 'exec, attach and portForward: each answer is a URL of its own', 'Exec, Attach, PortForward', function* (cri) {
    const config = podConfig('web');
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
    const urls = [
      (yield* cri.runtime.exec({ containerId, cmd: ['sh'], stdout: true })).url,
      (yield* cri.runtime.exec({ containerId, cmd: ['sh'], stdout: true })).url,
      (yield* cri.runtime.attach({ containerId, stdout: true })).url,
      (yield* cri.runtime.portForward({ podSandboxId, port: [80] })).url,
    ];
    must(
      urls.every((url) => /^https?:\/\//.test(url)),
      'each is a URL',
    );
    must(new Set(urls).size === urls.length, 'no two are equal');
  }),
  criCase(
    'sessions.arguments',
    'exec and attach: no stream at all, or terminal with standard error, is INVALID_ARGUMENT',
    'ExecRequest, AttachRequest',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const wrong = [{}, { tty: true, stdout: true, stderr: true }];
      for (const streams of wrong) {
        const code = yield* mustFail(cri.runtime.exec({ containerId, cmd: ['sh'], ...streams }), 'the command is refused');
        must(code === 'INVALID_ARGUMENT', `the code is INVALID_ARGUMENT, not ${code}`);
        must(
          (yield* mustFail(cri.runtime.attach({ containerId, ...streams }), 'the attachment is refused')) === 'INVALID_ARGUMENT',
          'so is this',
        );
      }
    },
  ),
  criCase(
    'events.order',
    'getContainerEvents: a container is created, started, stopped and deleted',
    'GetContainerEvents',
    function* (cri) {
      const events = yield* cri.runtime.getContainerEvents({});
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
      yield* cri.runtime.removeContainer({ containerId });
      const steps: string[] = [];
      while (!steps.includes('CONTAINER_DELETED_EVENT')) {
        for (const event of yield* events.take()) if (event.containerId === containerId) steps.push(event.containerEventType);
      }
      events.cancel();
      must(
        steps.join() === 'CONTAINER_CREATED_EVENT,CONTAINER_STARTED_EVENT,CONTAINER_STOPPED_EVENT,CONTAINER_DELETED_EVENT',
        `the steps come in order: ${steps.join()}`,
      );
    },
  ),
];
