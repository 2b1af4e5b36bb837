import type { Cell, Ids, Micros } from '@slipway/kernel';
import type { DataCentre } from '../../plugin.ts';
import type { TagFilter, Tags } from '../../messages.ts';
import type { AwsOptions } from './options.ts';

/** What all parts of the cloud share. */
export interface Region {
  readonly options: AwsOptions;
  readonly dataCentre: DataCentre;
  readonly ids: Ids;
  now(): Micros;
  /** Set when an order has changed machines or routes. */
  readonly changed: Cell<number>;
  /** Zones that were seen to exist. */
  readonly knownZones: Set<string>;
}

/** Zones by name: those that were given and those that machines are in. */
export function zonesOf({ options, dataCentre }: Region): readonly string[] {
  const zones = new Set(options.zones);
  for (const { zone } of dataCentre.machines.values()) if (zone !== undefined) zones.add(zone);
  if (zones.size === 0) zones.add(`${options.region}a`);
  return [...zones].sort();
}

/** Whether there is such a zone. Machines are looked through only for one that was never seen. */
export function isZone(region: Region, zone: string): boolean {
  if (region.knownZones.has(zone)) return true;
  for (const known of zonesOf(region)) region.knownZones.add(known);
  return region.knownZones.has(zone);
}

/** Where a machine stands that does not say. */
export const defaultZone = (region: Region): string => region.options.zones[0] ?? zonesOf(region)[0] ?? `${region.options.region}a`;

export const bump = ({ changed }: Region): void => changed.set(changed.value + 1);

/** What was asked for by id or tags; all of it without either. Sorted by id. */
export function select<T extends { readonly tags: Readonly<Record<string, string>> }>(
  things: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  tags: Readonly<Record<string, string>> | undefined,
  need: (id: string) => T,
  idOf: (thing: T) => string,
): T[] {
  const chosen = ids ? [...new Set(ids)].map(need) : [...things.values()];
  const wanted = Object.entries(tags ?? {});
  return chosen.filter((thing) => wanted.every(([key, value]) => thing.tags[key] === value)).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** Whether a thing passes the filter, if there is one. */
export function hasTag({ tags }: { readonly tags: Tags }, filter: TagFilter | undefined): boolean {
  if (!filter) return true;
  const value = tags[filter.key];
  return value !== undefined && filter.values.includes(value);
}
