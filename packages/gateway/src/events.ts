import type { Answer, Endpoint, ProtocolName } from './protocols/protocol.ts'
import type { RefusalKind } from './refusal.ts'
import type { TrialIdentity } from './scope.ts'

interface InScope {
  /** Empty for traffic without one. */
  readonly scope: string
}

/** What happens in a gateway, for a log or a progress display. Texts may quote models and agents: untrusted. */
export type GatewayEvent =
  | (InScope & {
      readonly type: 'answered'
      readonly protocol: ProtocolName
      readonly endpoint: Endpoint['name']
      /** Which trial the call was made in. */
      readonly trial: TrialIdentity
      /** It was the evaluation's own, such as a judge's. */
      readonly own: boolean
      readonly requestModel: string | null
      readonly model: string | null
      readonly answer: Answer
      readonly source: 'replayed' | 'live'
      readonly status: number
      readonly costUsd: number | null
      readonly latencyMs: number
    })
  /** The gateway answered a call itself. `first` of its kind in this run: with `budget`, the moment to end the run. */
  | (InScope & {
      readonly type: 'refused'
      readonly kind: RefusalKind
      readonly message: string
      readonly first: boolean
    })
  | (InScope & { readonly type: 'retried'; readonly reason: string; readonly waitMs: number; readonly attempt: number })
  /** An answer that broke off, or was none: the agent got what there was of it; it is not recorded. */
  | (InScope & { readonly type: 'incomplete'; readonly reason: string })
  | { readonly type: 'paused'; readonly protocol: ProtocolName; readonly ms: number }
  /** A line of a cassette that is not used. */
  | { readonly type: 'damaged'; readonly file: string; readonly line: number; readonly reason: string }
  | { readonly type: 'not-recorded'; readonly reason: string }
