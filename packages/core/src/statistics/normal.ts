import { tCdf, tQuantile } from './student-t.ts'

/** With so many degrees of freedom Student's distribution is the normal one to the last digit: their tails differ by z⁴/(4·df) of themselves. */
const ENDLESS = 1e20

/** P(Z <= z) of the standard normal distribution; its upper tail is normalCdf(-z). */
export const normalCdf = (z: number): number => tCdf(z, ENDLESS)

/** The z at which P(Z <= z) = p, for p in [0, 1]. */
export const normalQuantile = (p: number): number => tQuantile(p, ENDLESS)
