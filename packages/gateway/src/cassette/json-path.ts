import { ConfigurationError } from '@agent-ci/core/errors'

/** A key, an index, or `*` for all of them. */
type Step = string | number

/** A place in a JSON document: `metadata.user_id`, `messages[*].content[0].text`, `["a.b"]`. */
export interface JsonPath {
  readonly text: string
  readonly steps: readonly Step[]
}

const STEP = /\.?([A-Za-z_$*][\w$-]*|\*)|\[(?:(\d+)|(\*)|"((?:[^"\\]|\\.)*)")\]/y

/** Throws {@link ConfigurationError} for what is no path. */
export function parseJsonPath(text: string): JsonPath {
  const rest = text.trim().replace(/^\$\.?/, '')
  const steps: Step[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < rest.length) {
    const match = STEP.exec(rest)
    if (!match) break
    const [, name, index, star, quoted] = match
    if (index !== undefined) steps.push(Number(index))
    else steps.push(name ?? star ?? JSON.parse(`"${quoted}"`))
    if (STEP.lastIndex === rest.length) return { text, steps }
  }
  throw new ConfigurationError({
    what: `"${text}" in ignore is not a path`,
    why: 'Expected keys and indexes as in metadata.user_id or messages[*].id',
    mend: 'Write the path as the message about a missing recording prints it',
  })
}

/** What is left of some paths below a key or an index; undefined where one of them ends here: the value itself is meant. */
export function below(paths: readonly JsonPath[], key: string | number): readonly JsonPath[] | undefined {
  const rest: JsonPath[] = []
  for (const path of paths) {
    const [step, ...steps] = path.steps
    if (step !== '*' && step !== key) continue
    if (steps.length === 0) return undefined
    rest.push({ text: path.text, steps })
  }
  return rest
}

/** How a key or an index is written behind a path. */
export function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
