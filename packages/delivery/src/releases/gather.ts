import { ConfigurationError, type Problem } from '@agent-ci/core/errors'

/**
 * Takes a step for each item.
 *
 * @throws {ConfigurationError} with the problems of all steps, not of the first
 */
export function gather<T, U>(items: Iterable<T>, step: (item: T) => U): U[] {
  const problems: Problem[] = []
  const results: U[] = []
  for (const item of items) {
    try {
      results.push(step(item))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return results
}

/** As `gather`, one step after the other, for steps that take time. */
export async function gatherAsync<T, U>(items: Iterable<T>, step: (item: T) => Promise<U>): Promise<U[]> {
  const settled: (() => U)[] = []
  for (const item of items) {
    settled.push(
      await step(item).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error
        },
      ),
    )
  }
  return gather(settled, (result) => result())
}
