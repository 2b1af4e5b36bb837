import type { ProgramContext } from '@slipway/host';
import { milliseconds, type Process, seconds, type Micros } from '@slipway/kernel';
import type { ImageProgram } from '../define-program.ts';
import { MiB } from '../server.ts';

/** A program that prints and ends, whatever it is told. */
const ends = (name: string, images: readonly string[], commands: readonly string[], span: Micros, line?: string): ImageProgram => ({
  name,
  images,
  commands,
  *run(context: ProgramContext): Process<number> {
    context.use({ memoryBytes: 8 * MiB, cpuNanocores: 100_000_000 });
    yield* context.sleep(span);
    if (line !== undefined) context.print(line);
    return 0;
  },
});

/** Images whose containers come to an end: an interactive shell or interpreter finds no input and leaves at once. */
export const SHORT_LIVED: readonly ImageProgram[] = [
  ends('hello-world', ['hello-world'], ['hello'], milliseconds(10), 'Hello from Docker!'),
  ends('perl', ['perl'], ['perl'], seconds(3), '3.141592653589793238462643383279502884197169399375105820974944592307816406286'),
  ends('kubectl', ['kubectl'], ['kubectl', 'helm'], seconds(1)),
  // It writes the iptables rules that lead a pod's traffic to its proxy, and ends. github.com/linkerd/linkerd2-proxy-init.
  ends('linkerd-init', ['linkerd/proxy-init'], ['proxy-init'], milliseconds(200)),
  ends('openssl', [], ['openssl', 'git', 'tar', 'gzip', 'unzip', 'make', 'jq', 'psql-migrate', 'migrate', 'flyway'], milliseconds(500)),
];

/** Distributions: what runs in them is a command. */
export const SHELL_IMAGES: readonly string[] = [
  'alpine',
  'bash',
  'busybox',
  'centos',
  'curl',
  'curlimages/curl',
  'debian',
  'dnsutils',
  'jessie-dnsutils',
  'fedora',
  'netshoot',
  'polinux/stress',
  'rockylinux',
  'stress',
  'ubuntu',
  'ubi-minimal',
  'ubi8',
  'ubi9',
  'utils',
];
