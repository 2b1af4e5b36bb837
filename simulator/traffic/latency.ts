import { type Micros, microseconds, milliseconds } from '@slipway/kernel';

// How long one way takes. Coarse on purpose: orders of magnitude that people measure inside one region.

/** Between containers and processes of one machine. */
export const WITHIN_NODE: Micros = microseconds(50);
/** Between machines of one zone. */
export const WITHIN_ZONE: Micros = microseconds(250);
/** Between zones of a region. */
export const BETWEEN_ZONES: Micros = milliseconds(1);
/** Between somebody outside and the cloud's edge. */
export const FROM_OUTSIDE: Micros = milliseconds(20);
/** One question to the name server and its answer. */
export const NAME_QUERY: Micros = microseconds(500);
/** Linux gives up asking who has an address after three tries of a second (neighbour table, `mcast_solicit`, `retrans_time`). */
export const NEIGHBOUR_MISSING: Micros = milliseconds(3000);
