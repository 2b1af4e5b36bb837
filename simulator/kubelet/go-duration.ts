import type { Micros } from '@slipway/kernel';

/** A span of time as Go prints it (`time.Duration.String`), which messages of the kubelet contain: `10s`, `1m20s`, `5m0s`, `1.5s`, `250ms`. */
export function goDuration(micros: Micros): string {
  if (micros === 0) return '0s';
  if (micros < 1_000) return `${micros}µs`;
  if (micros < 1_000_000) return `${micros / 1_000}ms`;
  const hours = Math.floor(micros / 3_600_000_000);
  const minutes = Math.floor((micros % 3_600_000_000) / 60_000_000);
  const seconds = (micros % 60_000_000) / 1_000_000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
