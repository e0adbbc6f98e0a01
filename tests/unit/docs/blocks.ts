import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../../..')

/** All documents, by their path in the repository. */
export const documents = globSync(['*.md', '*/README.md', 'docs/*.md', 'examples/*/README.md', 'tests/*/README.md'], {
  cwd: ROOT,
  exclude: ['node_modules'],
})
  .sort()
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** A fenced block of a document. */
export interface Block {
  readonly path: string
  readonly language: string
  readonly text: string
  /** `docs/tutorial.md: agent-ci init`, by its first line: what a table knows it by. */
  readonly name: string
}

export const blocks: readonly Block[] = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, language = '', body = '']) => ({
    path,
    language,
    text: body,
    name: `${path}: ${body.split('\n')[0]!.trim()}`,
  })),
)
