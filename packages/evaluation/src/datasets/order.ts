import type { Sample, Shard } from '@agent-ci/core/quantities'
import { seededRandom, shuffledIndices } from '@agent-ci/core/random'

/**
 * The positions of the examples to run, in the order to run them: all in an order that the seed decides, of these the shard's (every
 * `of`-th position, whatever the seed), of these the first ones as the sample says: a count, or a share rounded up.
 */
export function sampleOrder(
  size: number,
  { sample, shard, seed }: { readonly sample?: Sample; readonly shard?: Shard; readonly seed: string },
): Uint32Array {
  const order = shuffledIndices(size, seededRandom(seed))
  const own = shard ? order.filter((position) => position % shard.of === shard.index - 1) : order
  if (!sample) return own
  // 0.07 · 100 is 7.000000000000001 in binary.
  return own.slice(0, 'count' in sample ? sample.count : Math.ceil(own.length * sample.share - 1e-9))
}
