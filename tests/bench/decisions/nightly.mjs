// Many series watched for a month: how often the detector cries wolf, and how soon it sees a step.
import { confirm } from '../../../packages/core/src/nightly/confirm.ts'
import { detect } from '../../../packages/core/src/nightly/detect.ts'
import { atLeast, atMost, known, percent, source } from './models.mjs'

const SERIES = 200
const NIGHTS = 30
const START = Date.UTC(2026, 0, 1)
const dayOf = (at) => new Date(START + at * 86_400_000).toISOString().slice(0, 10)

/** Golden sets as one meets them (concentration 1) of different difficulty. */
function goldenSets(draws, n) {
  return Array.from({ length: SERIES }, (_, at) => {
    const mean = 0.85 + (0.1 * at) / SERIES
    return Array.from({ length: n }, () => draws.chance(mean, 1))
  })
}

/** The share that passes on one run, by the normal distribution of the number of passes; `shift` moves all examples alike. */
function measure(draws, chances, shift) {
  let [mean, variance] = [0, 0]
  for (const chance of chances) {
    const moved = Math.min(1, Math.max(0, chance + shift))
    mean += moved
    variance += moved * (1 - moved)
  }
  const count = Math.round(mean + Math.sqrt(variance) * draws.normal())
  return Math.min(chances.length, Math.max(0, count)) / chances.length
}
