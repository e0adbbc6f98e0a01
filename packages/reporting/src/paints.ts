import type { Verdict } from '@agent-ci/core/verdict'
import { MARKS } from './wording.ts'

/** ANSI styles. */
export const [BOLD, DIM, RED, GREEN, YELLOW, CYAN] = [1, 2, 31, 32, 33, 36] as const

const VERDICT_COLOURS: Readonly<Record<Verdict, number>> = {
  passed: GREEN,
  inconclusive: CYAN,
  failed: RED,
  errored: YELLOW,
}

export interface Paints {
  readonly paint: (style: number, text: string) => string
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  /** A verdict's mark and word, in its colour. */
  readonly paintVerdict: (verdict: Verdict) => string
}

/** @param colour whether the log shows ANSI colours; without, texts stay as they are */
export function paintsOf(colour: boolean): Paints {
  const paint = (style: number, text: string) => (colour ? `\u001b[${style}m${text}\u001b[0m` : text)
  return {
    paint,
    bold: (text) => paint(BOLD, text),
    dim: (text) => paint(DIM, text),
    paintVerdict: (verdict) => paint(VERDICT_COLOURS[verdict], `${MARKS[verdict]} ${verdict}`),
  }
}
