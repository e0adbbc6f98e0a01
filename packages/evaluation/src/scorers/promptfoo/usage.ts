import { type MakeCheck, Malformed, Unjudged, verdictOf } from './finding.ts'

export const usageChecks: Readonly<Record<string, MakeCheck>> = {
  latency: (assertion) => {
    const most = assertion.threshold
    if (most === undefined) throw new Malformed('It has no threshold', 'Write threshold: and milliseconds')
    return ({ reply }) => {
      if (reply.replayed || reply.batched)
        throw new Unjudged('The answer was recorded or came in a batch: it has no latency')
      return verdictOf(
        assertion,
        reply.latencyMs <= most,
        `It took ${Math.round(reply.latencyMs)} ms, the threshold is ${most}`,
      )
    }
  },
  cost: (assertion) => {
    const most = assertion.threshold
    if (most === undefined) throw new Malformed('It has no threshold', 'Write threshold: and US dollars')
    return ({ reply }) => {
      const { costUsd } = reply.usage
      if (costUsd === undefined) throw new Unjudged('Nobody reported what the answer cost')
      return verdictOf(assertion, costUsd <= most, `It cost ${costUsd} USD, the threshold is ${most}`)
    }
  },
}
