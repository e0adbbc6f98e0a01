import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'

export interface Arguments {
  readonly positionals: readonly string[]
  /** The value of an option; empty when it was not given; one line each when it was given more than once. */
  readonly option: (name: string) => string
}

/** An option that may stand alone: what it means then, and which words may follow it all the same. */
export interface Flag {
  readonly alone: string
  readonly words: readonly string[]
}

/** Reads `--name value`, `--name=value` and flags; everything after `--` is positional. Unknown options are refused. */
export function parseArguments(
  argv: readonly string[],
  known: readonly string[],
  flags: Readonly<Record<string, Flag>>,
): Arguments {
  const options = new Map<string, string>()
  const positionals: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') {
      positionals.push(...argv.slice(at + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word)
      continue
    }
    const [, name = '', inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (!known.includes(name)) {
      throw new ConfigurationError({
        what: `There is no option ${word}`,
        why: 'Unknown options are refused because a misspelt one would be ignored silently',
        mend: suggestName(name, known),
      })
    }
    const next = argv[at + 1]
    const flag = flags[name]
    let value = inline
    if (value === undefined && flag) value = next !== undefined && flag.words.includes(next) ? argv[++at]! : flag.alone
    if (value === undefined && next !== undefined && !next.startsWith('--')) value = argv[++at]!
    if (value === undefined)
      throw new ConfigurationError({
        what: `--${name} has no value`,
        why: 'It needs one',
        mend: `Write --${name} <value>`,
      })
    options.set(name, options.has(name) ? `${options.get(name)}\n${value}` : value)
  }
  return { positionals, option: (name) => options.get(name) ?? '' }
}
