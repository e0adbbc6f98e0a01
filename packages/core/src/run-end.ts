/** Why a run ended. `decided`: every gate was, so the rest was not paid for. */
export const ENDINGS = [
  'complete',
  'decided',
  'interrupted',
  'run-timeout',
  'unreachable',
  'coverage',
  'budget',
] as const
export type Ending = (typeof ENDINGS)[number]

/** How a run ended. */
export interface RunEnd {
  readonly ending: Ending
  /** For an ending other than `complete`: what happened, in a sentence. */
  readonly reason: string
  /** How many of the planned trials were started, or were there already. */
  readonly started: number
}

/** The endings after which the gates decide, by what was measured; all others leave a run errored. */
const DECIDES: readonly Ending[] = ['complete', 'decided', 'budget']

export const isDecidable = (ending: Ending): boolean => DECIDES.includes(ending)
