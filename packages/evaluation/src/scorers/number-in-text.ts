/** A number as a text wrote it. */
export interface WrittenNumber {
  readonly value: number
  /** A percent sign follows; `value` is what stands before it. */
  readonly percent: boolean
}

/**
 * Digits that no letter or digit precedes (`GPT4` and `RFC2119` are names), with an exponent or a percent sign. A minus between two words or
 * numbers joins them (`2024-01`, `10-20`); a currency sign may stand behind it (`-$5`).
 */
const NUMBER =
  /(?<![\p{L}\p{N}_]|\d\.)(?:(?<sign>[-\u2212+])\p{Sc}?)?(?<digits>(?:\d[\d.,'\u2019\u00a0\u202f]*)?\d|(?<!\.)\.\d+)(?<exponent>[eE][-+]?\d+(?![\p{L}\p{N}]))?(?:[ \u00a0\u202f]?(?<percent>%|per ?cent\b))?/gu

/** Apostrophes and no-break spaces, which only ever group thousands. */
const SPACED = /^\d{1,3}(?:['\u2019\u00a0\u202f]\d{3})+(?:[.,]\d+)?$/
const SPACE = /['\u2019\u00a0\u202f]/g

/** `1,234,567`, or the Indian `12,34,567`. */
const isGrouped = (parts: readonly string[]): boolean =>
  /^(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})$/.test(parts.join(','))

/**
 * Digits with their separators in JavaScript's form. A comma is a decimal one where it can't group thousands (`12,5`) or stands behind
 * grouping points (`1.234,5`); `1,234` is read the English way. What is no single number (`1,2,3`, `1.2.3`) gives its last part.
 */
function plainDigits(written: string): string {
  const digits = SPACED.test(written) ? written.replaceAll(SPACE, '') : written.split(SPACE).at(-1)!
  const [decimal, grouping] = digits.lastIndexOf(',') > digits.lastIndexOf('.') ? [',', '.'] : ['.', ',']
  const parts = digits.split(decimal)
  if (parts.length === 2) {
    const groups = parts[0]!.split(grouping)
    if (isGrouped(groups)) return `${groups.join('')}.${parts[1]}`
    if (decimal === '.' || groups.length > 1 || !isGrouped(parts)) return `${groups.at(-1)}.${parts[1]}`
  }
  return isGrouped(parts) ? parts.join('') : parts.at(-1)!.split(grouping).at(-1)!
}

/** The last number in a text: `1,234.5`, `1e3`, `85%`, `-$5`, `1.234,5`; undefined where there is none. It may be infinite (`1e999`). */
export function lastNumber(text: string): WrittenNumber | undefined {
  let last: RegExpExecArray | undefined
  for (const match of text.matchAll(NUMBER)) last = match
  if (last === undefined) return undefined
  const { sign, digits, exponent, percent } = last.groups!
  const value = Number(`${plainDigits(digits!)}${exponent ?? ''}`)
  return { value: sign && sign !== '+' ? -value : value, percent: percent !== undefined }
}
