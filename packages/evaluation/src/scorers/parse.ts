import { BARE_SCORERS, type ScorerConfig, scorerEntrySchema } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import { type Origin, parseList } from '@agent-ci/core/quantities'

/** The `scorers` input: words (`exact, tools`), or a YAML list for scorers with settings. Empty: none given. */
export async function parseScorers(text: string, origin: Origin): Promise<ScorerConfig[]> {
  if (/^[\w\s,-]*$/.test(text)) return parseList(text).map((word) => parseEntry(word, origin))
  const { parse } = await import('yaml')
  let entries: unknown
  try {
    entries = parse(text)
  } catch (error) {
    throw new ConfigurationError({
      what: `${origin.name} is not YAML: ${(error as Error).message.split('\n')[0]}`,
      why: 'Expected words or a YAML list',
      mend: 'Write for example [exact, {type: contains, value: refund}]',
    })
  }
  return (Array.isArray(entries) ? entries : [entries]).map((entry) => parseEntry(entry, origin))
}

function parseEntry(entry: unknown, origin: Origin): ScorerConfig {
  const parsed = scorerEntrySchema.safeParse(entry)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknown = typeof entry === 'string' && !BARE_SCORERS.some((word) => word === entry)
  throw new ConfigurationError({
    what: `${origin.name} has ${JSON.stringify(entry)}`,
    why: unknown
      ? 'It is not a scorer, or one that needs settings'
      : `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    mend: unknown
      ? suggestName(entry, BARE_SCORERS)
      : 'See schema/agent-ci.schema.json for the settings of each scorer',
    ...(origin.source && { source: origin.source }),
  })
}
