import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const COMMAND = join(dirname(fileURLToPath(import.meta.url)), '../../simulator/bin/slipway.js');

/** A message as it was before it was wrapped for a terminal: what follows `error:` goes on behind seven spaces. */
export const unwrapped = (text: string): string => text.replace(/\n {7,}/g, ' ');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when the file's tests are over. */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  readonly #running = new Set<ChildProcess>();

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    afterAll(() => {
      for (const child of this.#running) child.kill();
      rmSync(this.path, { recursive: true, force: true });
    });
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.path, name), content);
  }

  /** Runs the bundled command in the folder. */
  slipway(
    args: readonly string[],
    {
      input = '',
      env = {},
      timeout = 25_000,
    }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly timeout?: number } = {},
  ): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [COMMAND, ...args], {
        cwd: this.path,
        env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', ...env },
        timeout,
      });
      this.#running.add(child);
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => {
        this.#running.delete(child);
        resolve({ code, stdout, stderr });
      });
      // A command that refuses its flags ends without reading.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  /** Runs several at a time: two processors are enough to wait for. */
  async each<T>(cases: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
    const left = [...cases];
    const worker = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await run(one);
    };
    await Promise.all([worker(), worker(), worker()]);
  }
}

/** A Deployment with a probe, its Service, and a Job that ends. */
export const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx
          ports: [{containerPort: 80}]
          readinessProbe: {httpGet: {path: /, port: 80}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

/** A scenario: one pod comes and goes. */
export const ONE_POD = `apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: one-pod }
spec:
  cluster: { nodes: [{ count: 1 }], plugins: { cpi: none } }
  steps:
    - at: 0s
      apply:
        apiVersion: v1
        kind: Pod
        metadata: { name: web }
        spec: { containers: [{ name: server, image: nginx }] }
    - { at: 5s, delete: pod/web }
`;
