/** How long a client waits for an answer: longer than a call takes that is made again four times, so that only a stalled one is given up. */
export const PATIENCE_MS = 15_000
