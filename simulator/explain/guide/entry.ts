/** What a newcomer should know of one method. */
export interface Guide {
  /** Why it is called: one clause, as a teacher would put it. */
  readonly why: string;
  /** The section of the spec, by title. */
  readonly spec: string;
  /** What follows when it fails here: one sentence, with the constants that govern it. */
  readonly ifItFails: string;
}

/** `[why, if it fails]`, and the spec section where it is not the service's own. */
export type Entry = readonly [why: string, ifItFails: string, spec?: string];

/** Guides of one service, by the name that its methods have in a trace. */
export function entries(
  service: string,
  specOf: (method: string) => string,
  table: Readonly<Record<string, Entry>>,
): ReadonlyMap<string, Guide> {
  return new Map(
    Object.entries(table).map(([method, [why, ifItFails, spec]]) => [
      `${service}/${method}`,
      { why, ifItFails, spec: spec ?? specOf(method) },
    ]),
  );
}
