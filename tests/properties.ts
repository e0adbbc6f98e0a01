import fc from 'fast-check'

const { AGENT_CI_PROPERTY_RUNS: runs, AGENT_CI_PROPERTY_SEED: seed } = process.env

/**
 * How many inputs each property of a parser or renderer of foreign bytes is tried on: 1,000 in `npm test`, 100,000 every week
 * (.github/workflows/properties.yml).
 */
export const RUNS = Number(runs ?? 1_000)

/** What a test of so many runs may take. */
export const PATIENCE_MS = 60_000 + RUNS * 20

// A commit passes or fails, whatever the day: the inputs of `npm test` are the same each time. The weekly job draws others.
fc.configureGlobal({ seed: seed === undefined ? 20_261_125 : seed === 'random' ? Date.now() % 2 ** 31 : Number(seed) })

export default fc
