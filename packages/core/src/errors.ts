/** A place in a user's file; `line` counts from 1. */
export interface Source {
  readonly file: string
  readonly line: number
}

/** `file:line`, as editors and terminals link it. */
export const formatSource = (source: Source): string => `${source.file}:${source.line}`

export interface Problem {
  /** What was found: `min-accuracy is "high"`. */
  readonly what: string
  /** Why it is refused, or what was expected. */
  readonly why: string
  /** What to write to change it. */
  readonly mend: string
  readonly source?: Source
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** One problem as one line: place, what, why, mend. */
export function formatProblem({ what, why, mend, source }: Problem): string {
  const place = source ? `${formatSource(source)}: ` : ''
  return `${place}${sentence(what)} ${sentence(why)} ${sentence(mend)}`
}

/** Something the user can mend; everything else that is thrown is our defect or the world's. Holds all problems found, not the first. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: Problem | readonly Problem[]) {
    const list = 'what' in problems ? [problems] : problems
    super(list.map(formatProblem).join('\n'))
    this.name = 'ConfigurationError'
    this.problems = list
  }
}

/** Trouble of something outside, such as a server that does not answer: neither the user's mistake nor our defect. */
export class OutsideError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OutsideError'
  }
}

/** The message of anything thrown, `Error` or not. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
