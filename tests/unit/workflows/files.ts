import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../../..')

type Scalars = Readonly<Record<string, string | number | boolean>>

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly id?: string
  readonly with?: Scalars
}

export interface Job {
  readonly uses?: string
  readonly steps?: readonly Step[]
  readonly with?: Scalars
  readonly secrets?: Readonly<Record<string, string>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Readonly<Record<string, unknown>>
  readonly environment?: string
  readonly 'timeout-minutes'?: number | string
}

interface Declared {
  readonly description?: string
  readonly default?: string | number | boolean
  readonly required?: boolean
  readonly type?: string
}

export interface Workflow {
  readonly on: { readonly workflow_call?: Call } | string | readonly string[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

export interface Call {
  readonly inputs?: Readonly<Record<string, Declared>>
  readonly secrets?: Readonly<Record<string, Declared>>
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>
}

/** A YAML text of ours: a workflow, an example, or a snippet of a document. */
export interface Source {
  /** Relative to the repository. */
  readonly path: string
  readonly text: string
}

const read = (pattern: string): readonly Source[] =>
  globSync(pattern, { cwd: ROOT })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

export const workflows = read('.github/workflows/*.yml')
export const examples = read('example-workflows/*.yml')
export const actionFiles = [...read('action.yml'), ...read('*/action.yml')]

export const documents = ['*.md', '*/README.md', 'docs/**/*.md'].flatMap(read)

/** The YAML blocks of our documents that are about Actions. */
export const snippets = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^```ya?ml\n(.*?)^```/gms)].flatMap(([, block = ''], index) =>
    /\b(uses|run): /.test(block) ? [{ path: `${path} (block ${index + 1})`, text: block }] : [],
  ),
)

/** What a workflow's header comment shows callers to write. */
export function header({ text }: Source): string | undefined {
  const lines = /^(?:#.*\n)+/.exec(text)?.[0].split('\n') ?? []
  const block = lines.filter((line) => line.startsWith('#   ')).map((line) => line.slice(4))
  return block.length > 0 ? block.join('\n') : undefined
}

export const workflowOf = ({ text }: Source): Workflow => parse(text) as Workflow

/** Our workflows that others call, by file name. */
export const callable: ReadonlyMap<string, Workflow & { readonly call: Call }> = new Map(
  workflows.flatMap((source) => {
    const workflow = workflowOf(source)
    const { on } = workflow
    const call = typeof on === 'object' && 'workflow_call' in on ? on.workflow_call : undefined
    return call ? [[basename(source.path), { ...workflow, call }]] : []
  }),
)

export interface Action {
  readonly inputs?: Readonly<Record<string, Declared>>
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** Our actions by name. */
export const actions: ReadonlyMap<string, Action> = new Map(
  actionFiles.slice(1).map(({ path, text }) => [path.split('/')[0]!, parse(text) as Action]),
)

/** All jobs of a text, which may be a whole workflow, `jobs:` alone, or steps alone. */
export function jobsOf({ text }: Source): readonly (Job & { readonly id: string })[] {
  const content = parse(text) as { jobs?: Record<string, Job> } | Job | readonly Step[]
  if (Array.isArray(content)) return [{ id: 'snippet', steps: content }]
  if ('jobs' in content && content.jobs) return Object.entries(content.jobs).map(([id, job]) => ({ id, ...job }))
  return [{ id: 'snippet', ...(content as Job) }]
}

/** `$/x` and `org/agent-ci/x@v1` name the same thing, in our own files and in those of users. */
export const ownName = (uses: string): string | undefined => /^(?:\$\/|org\/agent-ci\/)([^@]+)(?:@v1)?$/.exec(uses)?.[1]
