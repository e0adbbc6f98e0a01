/** Why the gateway answers a call itself instead of its provider. */
export type RefusalKind =
  | 'miss'
  | 'budget'
  | 'unpriced'
  | 'not-recorded'
  | 'malformed'
  | 'too-large'
  | 'foreign'
  | 'unreachable'
  | 'timeout'

export class Refusal extends Error {
  readonly kind: RefusalKind

  constructor(kind: RefusalKind, message: string) {
    super(message)
    this.name = 'Refusal'
    this.kind = kind
  }
}
