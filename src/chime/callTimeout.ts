/**
 * Milliseconds of one attempt of a call, at most: Chime answers within tens of milliseconds, and a query of 8 seconds has
 * time for a second attempt.
 */
export const maxCallTimeout = 5_000;
