import type { Night } from './night.ts'

/** How often an example passed on a night, of how many measured trials. One that is not listed passed in each of its trials. */
export const trialsOf = ({ imperfect, repeats }: Night, id: string): readonly [passes: number, runs: number] =>
  Object.hasOwn(imperfect, id) ? imperfect[id]! : [repeats, repeats]
