type Headers = Readonly<Record<string, string | string[] | undefined>>

const textOf = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

const numberOf = (headers: Headers, name: string): number | undefined => {
  const value = Number.parseFloat(textOf(headers, name) ?? '')
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Milliseconds that `retry-after-ms` or `retry-after` (seconds, or an HTTP date) ask for. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const exact = numberOf(headers, 'retry-after-ms')
  if (exact !== undefined) return exact
  const text = textOf(headers, 'retry-after')?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** `6m0s`, `1.5s`, `20ms` (OpenAI), or the time itself (Anthropic, RFC 3339), in milliseconds from now. */
function resetMs(text: string, now: number): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length > 0 && parts.map((part) => part[0]).join('') === text) {
    const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    return parts.reduce((sum, [, digits, name]) => sum + Number(digits) * unit[name as keyof typeof unit], 0)
  }
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

const NAMES = (['requests', 'tokens', 'input-tokens', 'output-tokens'] as const).flatMap((what) => [
  {
    what,
    limit: `anthropic-ratelimit-${what}-limit`,
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  },
  {
    what,
    limit: `x-ratelimit-limit-${what}`,
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  },
])

/**
 * How long a provider's headers ask us to send nothing: 0 unless a limit has nothing left. The reset that they name is when the limit
 * is whole again; as it fills evenly, there is room for one more call after that call's share of it.
 * @param tokens what one call uses, about
 */
export function pauseMs(headers: Headers, tokens: number, now: number): number {
  let longest = 0
  for (const { what, limit, remaining, reset } of NAMES) {
    const left = numberOf(headers, remaining)
    if (left === undefined || left > 0) continue
    const whole = resetMs(textOf(headers, reset) ?? '', now)
    const most = numberOf(headers, limit)
    if (whole === undefined) continue
    const need = what === 'requests' ? 1 : Math.max(1, tokens)
    longest = Math.max(longest, most ? whole * Math.min(1, need / most) : whole)
  }
  return longest
}
