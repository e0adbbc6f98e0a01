import type { ProtocolName } from './protocols/protocol.ts'

/** Which run of which example some traffic belongs to; no example for what belongs to none. */
export interface TrialIdentity {
  readonly example: string | null
  /** 0 … repeats-1 */
  readonly repeat: number
}

const NO_EXAMPLE: TrialIdentity = { example: null, repeat: 0 }

/** The scope of traffic whose base path names none. */
export const UNSCOPED = ''

/** The scope of calls that are no agent's but the evaluation's own, such as a judge's. */
export const OWN_SCOPE = 'judge'

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** A scope that itself names its trial: `refund-policy@2`. For agents that are given a base URL for each trial. */
export const trialScope = (example: string, repeat: number): string => `${encode(example)}@${repeat}`

/** The trial that a scope names: its example and, behind an `@`, its repeat. */
export function identityOf(scope: string): TrialIdentity {
  if (scope === UNSCOPED) return NO_EXAMPLE
  const [, example = scope, repeat = '0'] = /^(.*?)(?:@(\d+))?$/.exec(scope) ?? []
  try {
    return { example: decodeURIComponent(example), repeat: Number(repeat) }
  } catch {
    return { example, repeat: Number(repeat) }
  }
}

/** Throws RangeError for a scope that cannot be a part of a path. */
export function scopePath(scope: string): string {
  if (scope === UNSCOPED) return ''
  if (!/^[\w.%@+-]+$/.test(scope))
    throw new RangeError(`"${scope}" cannot be a scope: expected letters, digits, _ . % @ + -`)
  return `/t/${scope}`
}

/** What a request's path says: `/t/<scope>/<protocol>/v1/messages?beta=true`. */
export interface Target {
  readonly scope: string
  /** null where the path does not say it. */
  readonly protocol: ProtocolName | null
  /** As the provider knows it. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
}

export function parseTarget(url: string): Target {
  const query = url.indexOf('?')
  const search = query < 0 ? '' : url.slice(query)
  const whole = query < 0 ? url : url.slice(0, query)
  const scoped = /^\/t\/([^/]+)(\/.*)$/.exec(whole)
  const rest = scoped?.[2] ?? whole
  const named = /^\/(anthropic|openai)(\/.*)$/.exec(rest)
  return {
    scope: scoped?.[1] ?? UNSCOPED,
    protocol: (named?.[1] as ProtocolName | undefined) ?? null,
    path: named?.[2] ?? rest,
    search,
  }
}
