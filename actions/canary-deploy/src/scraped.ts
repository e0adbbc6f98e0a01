import type { Host } from '@agent-ci/core/host'
import { UnseenError } from '@agent-ci/delivery/analysis/unseen'

/** Pods that are no older may not have been scraped yet: they came with the promotion before. */
const YOUNG_MS = 300_000
/** Two scrapes at the longest interval in common use. */
const PATIENCE_MS = 120_000
const APART_MS = 2_000

/**
 * What Prometheus knows of stable. Right after a promotion its pods are new, and their series come with the first scrape: that is waited for,
 * before anything is locked or changed. `servingSince` tells when the oldest pod was created, where that can be known.
 * @throws UnseenError naming this case where the series do not come
 */
export async function scraped<T>(
  ask: () => Promise<T>,
  servingSince: () => Promise<Date | undefined>,
  { now, date, sleep, signal, info }: Pick<Host, 'now' | 'date' | 'sleep' | 'signal' | 'info'>,
): Promise<T> {
  const since = now()
  let told = false
  for (;;) {
    try {
      const found = await ask()
      if (told) info(`Prometheus has the pods of stable, ${secondsOf(now() - since)} s later`)
      return found
    } catch (error) {
      if (!(error instanceof UnseenError)) throw error
      const created = await servingSince()
      const waitedMs = now() - since
      const ageMs = created ? date().getTime() - created.getTime() : Number.POSITIVE_INFINITY
      if (ageMs - waitedMs > YOUNG_MS) throw error
      if (waitedMs >= PATIENCE_MS) throw unscraped(error, ageMs)
      if (!told)
        info(
          `Prometheus has no series of stable yet, whose pods are new (the oldest is ${secondsOf(ageMs)} s old), as after a promotion: waiting up to ${secondsOf(PATIENCE_MS)} s for a scrape`,
        )
      told = true
      await sleep(APART_MS, signal)
    }
  }
}

const secondsOf = (ms: number): number => Math.max(0, Math.round(ms / 1_000))

const unscraped = ({ problems }: UnseenError, ageMs: number): UnseenError =>
  new UnseenError(
    problems.map(({ what, why }) => ({
      what: `${what}, after ${secondsOf(PATIENCE_MS)} s of waiting for a scrape`,
      why: `${why}. The pods of stable are new, as right after a promotion: the oldest is ${secondsOf(ageMs)} s old`,
      mend: 'See on the targets page of Prometheus that it finds these pods, then run this job again; with a scrape interval above a minute, give it one more',
    })),
  )
