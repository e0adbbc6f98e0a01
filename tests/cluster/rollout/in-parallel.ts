/** Does some work for each item, so many at once: scenarios wait most of their time. The problems that came of it. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<string | undefined>,
): Promise<string[]> {
  const problems: string[] = []
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const problem = await work(item)
      if (problem !== undefined) problems.push(problem)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return problems
}
