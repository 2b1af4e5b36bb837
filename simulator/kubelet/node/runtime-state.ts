import type { RuntimeService, StatusResponse } from '@slipway/cri';
import { Cell, type Client, type Kernel, type Micros, type Process } from '@slipway/kernel';
import { isExpectedFailure } from '../failure.ts';
import { runtimeDownThreshold, runtimeStatusPeriod } from '../options.ts';

/** What the kubelet knows of the runtime's health. Source: `pkg/kubelet/runtime.go`, `kubelet.go` updateRuntimeUp. */
export class RuntimeState {
  readonly #runtime: Client<RuntimeService>;
  readonly #kernel: Kernel;
  /** Scheme of container ids: `containerd`. */
  runtimeName = 'containerd';
  runtimeVersion = '';
  /** Set whenever the runtime did not answer: several ask, and whoever has stopped asking because all was well has to go on. */
  readonly failed = new Cell(0);
  #status: StatusResponse | undefined;
  #lastGood: Micros | undefined;
  /** How long the runtime took to say so. */
  #lastTook: Micros = 0;
  #failing = false;
  #runtimeProblem: string | undefined;
  #networkProblem: string | undefined = 'container runtime status check may not have completed yet';

  constructor(runtime: Client<RuntimeService>, kernel: Kernel) {
    this.#runtime = runtime;
    this.#kernel = kernel;
  }

  /** What the runtime last said of itself. */
  get status(): StatusResponse | undefined {
    return this.#status;
  }

  /** Runtime and network were fine when last asked. */
  get healthy(): boolean {
    return !this.#failing && this.#runtimeProblem === undefined && this.#networkProblem === undefined;
  }

  /** Asks the runtime how it is. @returns true when the answer is another one than before */
  *poll(): Process<boolean> {
    const asked = this.#kernel.now;
    const before = this.#summary;
    try {
      if (this.runtimeVersion === '') {
        const { runtimeName, runtimeVersion } = yield* this.#runtime.version({});
        this.runtimeName = runtimeName;
        this.runtimeVersion = runtimeVersion;
      }
      const answer = yield* this.#runtime.status({});
      this.#status = answer;
      this.#networkProblem = this.#problem('NetworkReady', 'container runtime network not ready');
      this.#runtimeProblem = this.#problem('RuntimeReady', 'container runtime not ready');
      this.#failing = false;
      if (this.#runtimeProblem === undefined) {
        this.#lastGood = this.#kernel.now;
        this.#lastTook = this.#kernel.now - asked;
      }
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // Polls that were left out because all was well would have been good, up to the one before this.
      if (this.healthy && this.#lastGood !== undefined)
        this.#lastGood = Math.max(this.#lastGood, asked - runtimeStatusPeriod + this.#lastTook);
      this.#failing = true;
      this.failed.set(this.failed.value + 1);
    }
    return before !== this.#summary;
  }

  get #summary(): string {
    return `${this.healthy}|${this.runtimeProblem()}|${this.networkProblem()}`;
  }

  /** Why the runtime cannot be used. */
  runtimeProblem(): string | undefined {
    if (this.#lastGood === undefined) return 'container runtime status check may not have completed yet';
    if (this.#failing && this.#kernel.now - this.#lastGood >= runtimeDownThreshold) return 'container runtime is down';
    return this.#runtimeProblem;
  }

  /** Why pods with a network of their own cannot be started. */
  networkProblem(): string | undefined {
    return this.#networkProblem;
  }

  #problem(type: string, what: string): string | undefined {
    const condition = this.#status?.status.conditions.find((each) => each.type === type);
    if (condition?.status) return undefined;
    const said = condition ? `${type}=false reason:${condition.reason ?? ''} message:${condition.message ?? ''}` : '<nil>';
    return `${what}: ${said}`;
  }
}
