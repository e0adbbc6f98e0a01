import { locator } from '@agent-ci/core/config/located-yaml'
import { ConfigurationError, type Problem, type Source } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import type { Document } from 'yaml'
import type { ManifestFile } from './manifest-files.ts'

/**
 * Kubernetes reads YAML 1.1 (`0644` is octal, `on` is true) without its times of day and dates, which go-yaml leaves as texts.
 * The tags that are dropped have no form in JSON.
 */
export async function parseDocuments({ path, text }: ManifestFile) {
  const { LineCounter, parseAllDocuments } = await import('yaml')
  const lines = new LineCounter()
  const dropped = /:(?:timestamp|binary|omap|pairs|set)$/
  const line = (offset: number): Source => ({ file: path, line: lines.linePos(offset).line })
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
      customTags: (tags) =>
        tags.filter(
          (tag) => typeof tag === 'string' || (!('format' in tag && tag.format === 'TIME') && !dropped.test(tag.tag)),
        ),
    })
    const list: readonly Document[] = Array.isArray(documents) ? documents : []
    const problems = list.flatMap(({ errors, warnings }) => {
      // What follows in the same document is mostly an echo of the first.
      const first = [...errors, ...warnings][0]
      return first ? [notYaml(first.message, line(first.pos[0]))] : []
    })
    if (problems.length > 0) throw new ConfigurationError(problems)
    return { list, line, sourceOf: (document: Document) => locator(document, lines, path) }
  } catch (error) {
    // The composer is recursive: brackets nested deep enough exhaust the stack.
    if (error instanceof RangeError) unreadable('it is nested too deeply', { file: path, line: 1 })
    throw error
  }
}

const notYaml = (message: string, source: Source): Problem => ({
  what: `This is not a manifest in YAML: ${message}`,
  why: 'The file cannot be read',
  mend: `Mend the line; quote texts that hold ": " or "#", and "\${NAME}" inside {…} and […]`,
  source,
})

function unreadable(because: string, source: Source): never {
  throw new ConfigurationError({
    what: `This manifest cannot be read: ${because}`,
    why: 'Aliases are followed at most 100 times, and no real manifest is nested thousands of levels deep',
    mend: 'Write repeated parts out',
    source,
  })
}

/** A document's value, of which an alias bomb has none. */
export function documentJson(document: Document, source: Source): Json {
  try {
    return JSON.parse(JSON.stringify(document.toJS() ?? null)) as Json
  } catch (error) {
    return unreadable((error as Error).message, source)
  }
}
