import { ConfigurationError } from '@agent-ci/core/errors'
import type { Origin } from '@agent-ci/core/quantities'

/** A piece of a command as a POSIX shell reads it: white space, '…', "…", an escaped character, or plain characters. */
const PIECE = /(?<space>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)/gsy

/** What a shell would obey; without a shell it would reach the program as plain text. */
const SHELL_ONLY = /[|&;<>`]|\$[\w({]/

/**
 * Splits a command into words as a POSIX shell does, with quotes and backslashes; no shell is run.
 * @throws ConfigurationError for no word, an open quote, and unquoted operators or expansions that only a shell would obey.
 */
export function splitWords(command: string, origin: Origin): string[] {
  const refuse = (why: string, mend: string): never => {
    throw new ConfigurationError({
      what: `${origin.name} is ${JSON.stringify(command)}`,
      why,
      mend,
      ...(origin.source && { source: origin.source }),
    })
  }
  const words: string[] = []
  let word: string | undefined
  let end = 0
  for (const { 0: piece, groups = {} } of command.matchAll(PIECE)) {
    end += piece.length
    const { space, single, double, escaped, plain } = groups
    const expands = /\$[\w({]|`/.exec(double?.replaceAll(/\\./gs, '') ?? '') ?? SHELL_ONLY.exec(plain ?? '')
    if (expands) {
      refuse(
        `"${expands[0]}" needs a shell, and none is run`,
        `Quote it with '…' if it is plain text, or write a script and name it here`,
      )
    }
    if (space !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      // Inside double quotes a backslash only escapes these five (POSIX 2.2.3).
      word = (word ?? '') + (single ?? double?.replaceAll(/\\([$`"\\\n])/g, '$1') ?? escaped ?? plain)
    }
  }
  if (end < command.length) refuse('A quote is not closed, or a backslash ends it', 'Close the quote')
  if (word !== undefined) words.push(word)
  if (words.length === 0 || words[0] === '') refuse('Expected a program and its arguments', 'Write node agent.mjs')
  return words
}
