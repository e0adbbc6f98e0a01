import { forMarkdown } from '@agent-ci/core/untrusted'
import type { GatewaySummary } from '@agent-ci/gateway/server'
import { formatCount, formatUsd } from '@agent-ci/reporting/numbers'

const usd = (amount: number | null): string => (amount === null ? 'unknown' : formatUsd(amount))

/** What the model traffic came to, in a sentence. */
export function headline({ mode, observed, spending, budgetExhausted }: GatewaySummary): string {
  const parts = [
    `${formatCount(observed.calls)} model calls`,
    `${formatCount(observed.hits)} replayed`,
    `${formatCount(observed.live)} live for ${usd(observed.spentUsd === null ? null : spending.usd)}`,
    ...(observed.misses > 0 ? [`${formatCount(observed.misses)} not recorded`] : []),
    ...(budgetExhausted ? ['the budget was used up'] : []),
  ]
  return `${mode}: ${parts.join(', ')}`
}

/** The same for the step summary. */
export function renderGatewaySummary(summary: GatewaySummary): string {
  const { observed, recordings } = summary
  const rows: readonly (readonly [string, string])[] = [
    [
      'tokens',
      `${formatCount(observed.tokens.input + observed.tokens.cacheRead + observed.tokens.cacheWrite + observed.tokens.cacheWriteLong)} in, ${formatCount(observed.tokens.output)} out`,
    ],
    ['cost, replayed answers as recorded', usd(observed.costUsd)],
    ['paid now', usd(observed.spentUsd)],
    ['retries', formatCount(observed.retries)],
    ['failures', formatCount(observed.failures)],
    [
      'recordings',
      `${formatCount(recordings.after)}${recordings.after > recordings.before ? ` (${formatCount(recordings.after - recordings.before)} new)` : ''}`,
    ],
    ['models', observed.models.map((model) => forMarkdown(model, 100)).join(', ') || 'none'],
  ]
  const refusals = observed.refusals.map(
    ({ kind, count, message }) => `- ${formatCount(count)} refused (${kind}): ${forMarkdown(message, 600)}`,
  )
  return [
    `## Model traffic — ${headline(summary)}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    ...refusals,
    '',
  ].join('\n')
}
