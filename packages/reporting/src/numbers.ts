import type { MetricUnit } from '@agent-ci/core/metric'

const groupThousands = (digits: string): string =>
  digits.replace(/^\d+/, (whole) => whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','))

/** `12,345` */
export const formatCount = (count: number): string => groupThousands(String(count))

/** `1 example`, `2 examples`. */
export const countOf = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`

/** `91.7 %` */
export const formatPercent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`

/** `340 ms`, `1.2 s`, `2 min 5 s`. */
export function formatMs(ms: number, moreDigits = 0): string {
  if (ms === 0) return '0 ms'
  if (ms < 9.95) return `${ms.toFixed(1 + moreDigits)} ms`
  if (ms < 999.5) return `${ms.toFixed(moreDigits)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1 + moreDigits)} s`
  const seconds = Number((ms / 1_000).toFixed(moreDigits))
  return `${formatCount(Math.floor(seconds / 60))} min ${(seconds % 60).toFixed(moreDigits)} s`
}

/** A length of time that nobody needs to the tenth: `12 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** `$12.34`, `$0.0123`, `$0.000012`. */
export function formatUsd(usd: number, moreDigits = 0): string {
  if (usd === 0) return '$0'
  const digits = usd >= 1 ? 2 : usd >= 0.0001 ? 4 : Math.min(12, 1 - Math.floor(Math.log10(usd)))
  return `$${groupThousands(usd.toFixed(digits + moreDigits))}`
}

/** `+80 ms`, `−$0.0003`: a difference. `format` is given its size. */
export const formatChange = (change: number, format: (size: number) => string): string =>
  `${change < 0 ? '−' : change > 0 ? '+' : ''}${format(Math.abs(change))}`

/** A share's distance to another one in percentage points: `6.7`; with as many digits as it takes not to read as 0. */
export function formatPoints(size: number): string {
  let digits = 1
  while (digits < 9 && size !== 0 && Number((size * 100).toFixed(digits)) === 0) digits++
  return (size * 100).toFixed(digits)
}

/** `2026-11-20 08:00:00 UTC`; what is no such time stays as it is: untrusted. */
export const formatMoment = (iso: string): string =>
  iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)[\d.]*Z$/, '$1 $2 UTC')

function formatIn(unit: MetricUnit, value: number, moreDigits: number): string {
  switch (unit) {
    case 'fraction':
      return value.toFixed(3 + moreDigits)
    case 'ms':
      return formatMs(value, moreDigits)
    case 'usd':
      return formatUsd(value, moreDigits)
    case 'tokens':
      return formatCount(Number(value.toFixed(moreDigits)))
  }
}

/**
 * A metric's value in its unit; `unknown` where nothing was measured. Beside a threshold it has as many digits as it takes to tell
 * the two apart: 0.8496 against 0.85 is `0.8496`, not `0.850`.
 */
export function formatValue(value: number | null, unit: MetricUnit, threshold: number | null = null): string {
  if (value === null) return 'unknown'
  let moreDigits = 0
  if (threshold !== null && threshold !== value) {
    while (moreDigits < 9 && formatIn(unit, value, moreDigits) === formatIn(unit, threshold, moreDigits)) moreDigits++
  }
  return formatIn(unit, value, moreDigits)
}

/** A threshold as it was written: no digit is lost, none added. */
export function formatThreshold(threshold: number, unit: MetricUnit): string {
  switch (unit) {
    case 'fraction':
      return String(threshold)
    case 'ms':
      return threshold >= 1_000 ? `${formatCount(threshold / 1_000)} s` : `${threshold} ms`
    case 'usd':
      return `$${formatCount(threshold)}`
    case 'tokens':
      return formatCount(threshold)
  }
}
