import { lstat, readdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, posix, relative, sep } from 'node:path'
import { messageOf, type Problem } from '@agent-ci/core/errors'
import { nightlyResultsSchema } from '@agent-ci/core/nightly/results'
import { promptResultsSchema } from '@agent-ci/core/prompt-results'
import { resultsSchema } from '@agent-ci/core/results'
import { rolloutTimelineSchema } from '@agent-ci/core/rollout-timeline'
import { forLog } from '@agent-ci/core/untrusted'
import type { Redactor } from '@agent-ci/gateway/cassette/redaction'
import type { ResultFile } from '@agent-ci/reporting/comment/part'
import picomatch from 'picomatch'
import * as z from 'zod'

/** A file that somebody's run wrote, by the path that people know it by. */
export interface FoundFile {
  readonly path: string
  readonly text: string
}

const NAMES = '{results,timeline}.json'
const NEVER = new Set(['.git', 'node_modules'])
const MOST_ENTRIES = 20_000
export const MOST_FILES = 50
const MOST_BYTES = 20_000_000
const OPTIONS = { dot: true, nonegate: true } as const

/** Whether a path is a result file that was asked for: by one of the globs, or below one that is a folder. */
export function resultMatcher(globs: readonly string[]): (path: string) => boolean {
  const below = (glob: string) => [glob, posix.join(glob, '**', NAMES)]
  const matcher = (list: readonly string[]) => picomatch(list.map(tidy).flatMap(below), OPTIONS)
  const included = matcher(globs.filter((glob) => !glob.startsWith('!')))
  const excluded = matcher(globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)))
  return (path) => path.endsWith('.json') && included(path) && !excluded(path)
}

const tidy = (glob: string): string => posix.normalize(glob.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '')

/** The result files of a directory, at most one more than are shown. Links are not followed. */
export async function findFiles(globs: readonly string[], cwd: string): Promise<FoundFile[]> {
  const inside = globs.map((glob) => {
    const negated = glob.startsWith('!') ? '!' : ''
    const path = glob.slice(negated.length)
    return negated + (isAbsolute(path) ? relative(cwd, path).split(sep).join('/') : path)
  })
  const matches = resultMatcher(inside)
  const roots = new Set(inside.filter((glob) => !glob.startsWith('!')).map((glob) => picomatch.scan(tidy(glob)).base))
  const paths = new Set<string>()
  let looked = 0
  const walk = async (path: string): Promise<void> => {
    if (++looked > MOST_ENTRIES || paths.size > MOST_FILES) return
    const found = await lstat(join(cwd, path)).catch(() => undefined)
    if (found?.isDirectory()) {
      for (const name of (await readdir(join(cwd, path))).sort())
        if (!NEVER.has(name)) await walk(posix.join(path, name))
    } else if (found?.isFile() && matches(path)) paths.add(path)
  }
  for (const root of roots) await walk(root === '' ? '.' : root)
  return Promise.all(
    [...paths].sort().map(async (path) => {
      const { size } = await lstat(join(cwd, path))
      return { path, text: size > MOST_BYTES ? '' : await readFile(join(cwd, path), 'utf8') }
    }),
  )
}

/** A result file by its schema; one that is none is a part of the comment too, because no data is never a pass. */
export function readResultFile({ path, text }: FoundFile, redactor: Redactor): ResultFile {
  let value: unknown
  try {
    if (text === '') throw new Error(`It is empty, or larger than ${MOST_BYTES} bytes`)
    value = redactor.json(JSON.parse(text))
  } catch (error) {
    return { kind: 'unreadable', problem: refused(path, forLog(messageOf(error), 200)) }
  }
  const { kind, steps_planned: steps } = looksSchema.safeParse(value).data ?? {}
  if (kind === 'prompt-regression') {
    const { data, error } = promptResultsSchema.safeParse(value)
    return data ? { kind: 'prompts', results: data } : { kind: 'unreadable', problem: refused(path, mismatch(error)) }
  }
  if (kind === 'nightly') {
    const { data, error } = nightlyResultsSchema.safeParse(value)
    return data ? { kind, results: data } : { kind: 'unreadable', problem: refused(path, mismatch(error)) }
  }
  if (steps !== undefined) {
    const { data, error } = rolloutTimelineSchema.safeParse(value)
    return data ? { kind: 'rollout', timeline: data } : { kind: 'unreadable', problem: refused(path, mismatch(error)) }
  }
  const { data, error } = resultsSchema.safeParse(value)
  return data ? { kind: 'evaluation', results: data } : { kind: 'unreadable', problem: refused(path, mismatch(error)) }
}

const mismatch = (error: z.ZodError): string => {
  const [issue] = error.issues
  return forLog(`${issue?.path.join('.') || 'The file'}: ${issue?.message ?? 'not as expected'}`, 200)
}

const refused = (path: string, why: string): Problem => ({
  what: `${path} holds no results of agent-ci`,
  why,
  mend: 'Give results.json of eval-gate, prompt-regression or nightly-eval, or timeline.json of canary-deploy, of the same version as this action',
})

/** What tells the kinds apart. */
const looksSchema = z.looseObject({ kind: z.unknown().optional(), steps_planned: z.unknown().optional() })

/** Where no file was found. */
export const nothingFound = (where: string): Problem => ({
  what: `No results were found in ${where}`,
  why: 'The run that should have written them ended before it did, or wrote them elsewhere',
  mend: 'See its log, and check the input results',
})
