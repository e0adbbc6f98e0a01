import { ConfigurationError, type Problem } from '../errors.ts'
import type { Origin } from '../quantities.ts'
import type { LocatedConfig } from './parse.ts'

/** Reads settings one by one, inputs over configuration over defaults, and keeps every problem so that all can be named at once. */
export class SettingReader<Name extends string> {
  readonly problems: Problem[] = []
  private readonly input: (name: Name) => string
  private readonly located: LocatedConfig | undefined

  constructor(input: (name: Name) => string, located: LocatedConfig | undefined) {
    this.input = input
    this.located = located
  }

  /** An input, else what the configuration has at `path`, parsed from its text; `fallback` where neither is given. */
  read<T>(name: Name, fallback: T, parse: (text: string, origin: Origin) => T, path?: readonly string[]): T {
    const given = this.input(name)
    const configured = path?.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      this.located?.config,
    )
    const fromConfig = given === '' && this.located !== undefined && path !== undefined && configured !== undefined
    const text = fromConfig ? String(configured) : given
    if (text === '') return fallback
    const origin = fromConfig ? { name: path.join('.'), source: this.located!.sourceOf(path) } : { name }
    // What was given may mean undefined, which is not the fallback: `artifact-name: none`.
    const parsed = this.attempt(() => ({ value: parse(text, origin) }))
    return parsed ? parsed.value : fallback
  }

  /** The result of some work, or undefined where the user can mend what it refused. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      this.problems.push(...error.problems)
      return undefined
    }
  }

  /** @throws ConfigurationError with all problems so far, if there is one */
  refuseProblems(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems)
  }
}

/** `{ key: value }`, or nothing where there is no value: for properties that may be absent but not undefined. */
export const optional = <K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [key in K]?: T })
