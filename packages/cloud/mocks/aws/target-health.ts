import type { Owner } from '@slipway/kernel';
import type { Micros } from '@slipway/kernel';
import type { HealthCheck } from '../../messages.ts';
import type { Machine } from '../../plugin.ts';
import type { Region } from './region.ts';

/**
 * Whether one target is in service. Nothing runs for it: whoever asks makes up for the checks since the last time. What changed between
 * two looks is taken to have changed right after the first one, except for a loss of power, whose time is known; so a busy balancer is
 * exact to the gap between two connections, and an idle one costs nothing.
 */
export class TargetHealth {
  readonly #region: Region;
  #up: boolean;
  #since: Micros;
  #lookedAt: Micros;
  #inService = false;
  #watched: Owner | undefined;
  #stopWatching: (() => void) | undefined;
  #lostPowerAt: Micros | undefined;

  /** A target that was registered now: out of service until it has passed its checks. */
  constructor(region: Region, machine: Machine | undefined, check: HealthCheck) {
    this.#region = region;
    this.#lookedAt = region.now();
    this.#since = this.#lookedAt;
    this.#up = this.#answers(machine, check);
  }

  /** What the balancer holds of it now. */
  look(machine: Machine | undefined, check: HealthCheck): boolean {
    const { options } = this.#region;
    const now = this.#region.now();
    const up = this.#answers(machine, check);
    if (up !== this.#up) {
      this.#since = up ? this.#lookedAt : Math.max(this.#lookedAt, this.#lostPowerAt ?? 0);
      this.#up = up;
    }
    this.#lookedAt = now;
    const checks = up ? options.healthyChecks : options.unhealthyChecks;
    if (now - this.#since >= checks * options.healthInterval) this.#inService = up;
    return this.#inService;
  }

  forget(): void {
    this.#stopWatching?.();
  }

  #answers(machine: Machine | undefined, check: HealthCheck): boolean {
    const owner = machine?.host.owner;
    if (owner !== this.#watched) {
      this.#stopWatching?.();
      this.#watched = owner;
      this.#stopWatching = owner?.alive ? owner.onEnd(() => (this.#lostPowerAt = this.#region.now())) : undefined;
    }
    if (!machine?.host.on) return false;
    return this.#region.dataCentre.answers?.(machine.name, check) ?? true;
  }
}
