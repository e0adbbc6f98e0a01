import { ConfigurationError } from '@agent-ci/core/errors'
import type { Document, Scalar } from 'yaml'

export type Variables = Readonly<Record<string, string>>

const REFERENCE = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Maps whose values are texts whatever they look like, and `value` of an environment variable. */
const TEXTS = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'binaryData', 'value'])
/** Where `${…}` is most often a shell's own, and `image`, which is refused with a variable left in it. */
const UNMARKED = new Set(['data', 'binaryData', 'command', 'args', 'image'])

/**
 * Puts values in the place of `${NAME}` for the names that are declared; `$${NAME}` stands for the text `${NAME}`. Any other `${…}`
 * stays as it is: shell scripts in ConfigMaps have their own.
 */
export const substitute = (text: string, variables: Variables): string =>
  text.replaceAll(REFERENCE, (whole, literal: string, name: string) => {
    if (!Object.hasOwn(variables, name)) return whole
    return literal ? whole.slice(1) : variables[name]!
  })

/** The names of the `${NAME}` in a text that are not declared. */
export const undeclaredIn = (text: string, variables: Variables): string[] =>
  [...text.matchAll(REFERENCE)].map(([, , name]) => name!).filter((name) => !Object.hasOwn(variables, name))

/**
 * What the user declares beside our own variables.
 *
 * @throws {ConfigurationError} for a name that is none or that is ours
 */
export function declareVariables(own: Variables, declared: Variables): Variables {
  const problems = Object.keys(declared).flatMap((name) => {
    if (!NAME.test(name)) {
      const why = 'Expected letters, digits and "_", not beginning with a digit'
      return [{ what: `${JSON.stringify(name)} is not a variable's name`, why, mend: 'Write for example REGION=eu' }]
    }
    if (!Object.hasOwn(own, name)) return []
    return [{ what: `${name} is declared`, why: 'It has its value from the inputs', mend: 'Choose another name' }]
  })
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { ...own, ...declared }
}

/** Whole numbers and booleans as themselves: `replicas: ${REPLICAS}` must become a number. */
function typed(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  return /^-?(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value
}

/**
 * Substitutes in the values of a parsed document, never in its keys. As the value is put in after parsing, none can add a line to the
 * manifest. An unquoted value that is one variable and nothing else becomes a number or a boolean where it reads so; quoted it stays a text.
 *
 * @param undeclared called for each name that looks like a variable of the manifest and has no value
 */
export async function substituteIn(
  document: Document,
  variables: Variables,
  undeclared: (name: string, offset: number) => void,
): Promise<void> {
  const { isPair, isScalar, visit } = await import('yaml')
  visit(document, {
    Scalar(key, node: Scalar, path) {
      if (key === 'key' || typeof node.value !== 'string') return
      const text = node.value
      const keys = path.flatMap((parent) => (isPair(parent) && isScalar(parent.key) ? [String(parent.key.value)] : []))
      if (!keys.some((name) => UNMARKED.has(name))) {
        for (const name of undeclaredIn(text, variables)) undeclared(name, node.range?.[0] ?? 0)
      }
      const value = substitute(text, variables)
      if (value === text) return
      const alone = node.type === 'PLAIN' && /^\$\{\w+\}$/.test(text)
      node.value = alone && !keys.slice(-2).some((name) => TEXTS.has(name)) ? typed(value) : value
    },
  })
}
