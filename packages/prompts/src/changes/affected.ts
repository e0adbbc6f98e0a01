import { pathMatcher } from './globs.ts'
import { type PromptChange, pathsOf } from './prompt-changes.ts'

/** A dataset or an agent, and the prompts that it depends on. */
export interface Dependency {
  readonly name: string
  /** Globs or paths; undefined where nothing is declared, which is to depend on all. */
  readonly prompts?: readonly string[]
}

export interface Affected {
  readonly run: readonly { readonly name: string; readonly because: string }[]
  readonly skipped: readonly { readonly name: string; readonly because: string }[]
}

/**
 * Which datasets or agents a change of prompts concerns. It fails open: a changed prompt that nobody declares concerns all.
 *
 * @param prefix the directory that the declared globs are relative to, in the repository
 * @throws {ConfigurationError} for a glob that leaves the repository
 */
export function affectedBy(
  changes: readonly PromptChange[],
  dependencies: readonly Dependency[],
  prefix = '',
): Affected {
  const declared = dependencies.map(({ name, prompts }) => {
    const matches = prompts && prompts.length > 0 ? pathMatcher(prompts, prefix) : undefined
    return { name, prompts, touched: changes.filter((change) => matches && pathsOf(change).some(matches)) }
  })
  const undeclared = changes.filter((change) => !declared.some(({ touched }) => touched.includes(change)))
  const run: { name: string; because: string }[] = []
  const skipped: { name: string; because: string }[] = []
  const named = (some: readonly PromptChange[]) => some.map(({ path }) => path).join(', ')
  for (const { name, prompts, touched } of declared) {
    if (changes.length === 0) skipped.push({ name, because: 'no prompt changed' })
    else if (touched.length > 0) run.push({ name, because: `it depends on ${named(touched)}` })
    else if (!prompts?.length) run.push({ name, because: 'it declares no prompts, so it may depend on any' })
    else if (undeclared.length > 0)
      run.push({ name, because: `nothing declares ${named(undeclared)}, so all may depend on it` })
    else skipped.push({ name, because: `none of its prompts changed (${prompts.join(', ')})` })
  }
  return { run, skipped }
}
