import type { Finding } from './finding.ts'

/** A finding and how it counts. */
export interface Component {
  readonly finding: Finding
  readonly weight: number
  readonly metric: string | undefined
}

export interface Sum extends Finding {
  readonly named: Readonly<Record<string, number>>
  readonly namedWeights: Readonly<Record<string, number>>
}

/** Weighted averages under each name; an inner name that is the component's own metric counts once. */
function sumNames(components: readonly Component[]): Pick<Sum, 'named' | 'namedWeights'> {
  const sums = new Map<string, { score: number; weight: number }>()
  const add = (name: string, score: number, weight: number) => {
    const sum = sums.get(name) ?? { score: 0, weight: 0 }
    sums.set(name, { score: sum.score + score * weight, weight: sum.weight + weight })
  }
  for (const { finding, weight, metric } of components) {
    if (metric) add(metric, finding.score, weight)
    for (const [name, score] of Object.entries(finding.named ?? {})) {
      if (name !== metric) add(name, score, (finding.namedWeights?.[name] ?? 1) * weight)
    }
  }
  return {
    named: Object.fromEntries([...sums].map(([name, { score, weight }]) => [name, weight > 0 ? score / weight : 0])),
    namedWeights: Object.fromEntries([...sums].map(([name, { weight }]) => [name, weight])),
  }
}

/**
 * promptfoo's sum: the weighted mean of the scores. Without a threshold every component must pass (one of the weight 0 always does); with
 * one, also with 0, only the mean counts, whatever failed.
 */
export function aggregate(components: readonly Component[], threshold: number | undefined): Sum {
  const weights = components.reduce((sum, { weight }) => sum + weight, 0)
  const total = components.reduce((sum, { finding, weight }) => sum + finding.score * weight, 0)
  const score = weights > 0 ? total / weights : 0
  const failed = components.filter(({ finding }) => !finding.passed)
  const why = failed.map(({ finding }) => finding.reason).join('; ')
  const names = sumNames(components)
  if (threshold === undefined) {
    return { passed: failed.length === 0, score, reason: why || 'All assertions hold', ...names }
  }
  const passed = score >= threshold
  const reason = `The score ${score.toFixed(2)} ${passed ? 'reaches' : 'is below'} the threshold ${threshold}`
  return { passed, score, reason: passed || why === '' ? reason : `${reason}; ${why}`, ...names }
}
