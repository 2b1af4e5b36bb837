/** Pinned: 0 all held; 1 an expectation, invariant or readiness failed; 2 the input is wrong; 3 a defect of Slipway itself. */
export const EXIT = { held: 0, failed: 1, input: 2, defect: 3 } as const;
