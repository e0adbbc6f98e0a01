import { setTimeout } from 'node:timers/promises'

export interface Patience {
  /** What is waited for, for the message when it does not come: `3 pods ready`. */
  readonly what: string
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Asks `probe` again and again until it answers something else than undefined or false; throws after `timeoutMs` (20 s). */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { what, timeoutMs = 20_000, intervalMs = 25 }: Patience,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`)
    await setTimeout(intervalMs)
  }
}
