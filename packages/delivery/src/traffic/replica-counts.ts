import type { AchievableWeight } from './router.ts'

/** Pods on each side. */
export interface ReplicaCounts {
  readonly stable: number
  readonly canary: number
}

/**
 * The split of `replicas` pods, or one more, whose canary share is nearest to a weight in percent; between 0 and 100 both sides get a pod, and of
 * two equally near the larger canary (Argo Rollouts utils/replicaset/canary.go, approximateWeightedCanaryStableReplicaCounts with maxSurge 1).
 */
export function replicaCounts(replicas: number, weight: number): ReplicaCounts {
  if (replicas === 0) return { stable: 0, canary: 0 }
  const wanted = (replicas * weight) / 100
  const up = Math.ceil(wanted)
  const down = Math.floor(wanted)
  const end = weight === 0 || weight === 100
  const options: { canary: number; total: number }[] = []
  for (const total of [replicas, replicas + 1]) {
    if (up < total || end) options.push({ canary: up, total })
    if ((total * weight) / 100 - Math.floor((total * weight) / 100) !== 0.5 && (down > 0 || end))
      options.push({ canary: down, total })
  }
  const distance = ({ canary, total }: { canary: number; total: number }) => Math.abs((canary * 100) / total - weight)
  const best = options.reduce((nearest, option) => (distance(option) < distance(nearest) ? option : nearest))
  return { stable: best.total - best.canary, canary: best.canary }
}

/** The canary's share of the pods in percent. */
export const shareOf = ({ stable, canary }: ReplicaCounts): number =>
  stable + canary === 0 ? 0 : (canary * 100) / (stable + canary)

/** What each weight comes to with so many pods. */
export function achievableByReplicas(replicas: number, weights: readonly number[]): readonly AchievableWeight[] {
  return markRepeats(
    weights.map((asked) => {
      const counts = replicaCounts(replicas, asked)
      const real = shareOf(counts)
      const pods = `${replicas} ${replicas === 1 ? 'pod gives' : 'pods give'}`
      const how = `asked ${asked} %, ${pods} ${formatShare(real)} (${counts.canary} canary of ${counts.stable + counts.canary})`
      return { asked, real, how: Math.abs(real - asked) < 0.5 ? '' : how }
    }),
  )
}

/** Marks the weights that are in reality what the one before them is. */
export const markRepeats = (weights: readonly Omit<AchievableWeight, 'repeats'>[]): readonly AchievableWeight[] =>
  weights.map((weight, index) => ({ ...weight, repeats: weights[index - 1]?.real === weight.real }))

export const formatShare = (percent: number): string => `${Math.round(percent * 10) / 10} %`
