/** `2025-05-14` or `20250514` at the end: the snapshot that a name stands for. */
const SNAPSHOT = /-(\d{4})-?(\d{2})-?(\d{2})$/

interface ModelName {
  readonly family: string
  /** `20250514`; undefined: whichever the provider serves under the family's name. */
  readonly snapshot: string | undefined
}

/** `us.anthropic.claude-sonnet-4-20250514-v1:0`, `anthropic/claude-sonnet-4` and `claude-sonnet-4@20250514` are of one family. */
function parseModelName(id: string): ModelName {
  const bare = id
    .trim()
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/^(?:[a-z]{2,6}\.)?(?:anthropic|openai|meta|mistral|amazon|cohere|google)\./, '')
    .replace('@', '-')
    .replace(/-v\d+(?::\d+)?$/, '')
    .replace(/-latest$/, '')
  const snapshot = SNAPSHOT.exec(bare)?.slice(1).join('')
  return { family: bare.replace(SNAPSHOT, ''), snapshot }
}

/**
 * Whether two names can stand for the same model: equal but for a cloud's prefix and suffix, and a snapshot's date where only one of
 * them has it, as an alias and what the provider resolved it to.
 */
export function isSameModel(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [parseModelName(a), parseModelName(b)]
  if (one.family !== other.family) return false
  return one.snapshot === undefined || other.snapshot === undefined || one.snapshot === other.snapshot
}
