import type { JsonObject } from '@agent-ci/core/json'
import { type ModelPrice, type PriceList, priceOf, UnpricedModelError, worstCostOf } from './prices.ts'
import type { Endpoint } from './protocols/protocol.ts'
import { Refusal } from './refusal.ts'

/** Files inside a request: their size in base64 says little about what they cost. */
const BLOB = /[A-Za-z0-9+/_-]{2000,}/g
/** The search for them is slow, and every request that has one has one of these words. */
const MAY_HAVE_BLOBS = /base64|input_audio/
/** About the most that an image costs; a document costs more with its length. */
const BLOB_TOKENS = 5_000
const BLOB_CHARACTERS_PER_TOKEN = 100

/** Tokenizers make a token of 3 to 4 bytes of prose, of fewer bytes of code; below 2 they hardly get. */
const USUAL_BYTES_PER_TOKEN = 4
const LEAST_BYTES_PER_TOKEN = 2

/** A request that states no limit is taken to have this one. */
const UNSTATED_OUTPUT_TOKENS = 16_384

export interface InputEstimate {
  readonly usual: number
  readonly most: number
}

/** Input tokens of a request, from its text alone. */
export function estimateInput(text: string): InputEstimate {
  let blobs = 0
  let blobCharacters = 0
  for (const [blob] of MAY_HAVE_BLOBS.test(text) ? text.matchAll(BLOB) : []) {
    blobs++
    blobCharacters += blob.length
  }
  const files = blobs * BLOB_TOKENS + Math.ceil(blobCharacters / BLOB_CHARACTERS_PER_TOKEN)
  const bytes = Buffer.byteLength(text) - blobCharacters
  return {
    usual: files + Math.ceil(bytes / USUAL_BYTES_PER_TOKEN),
    most: files + Math.ceil(bytes / LEAST_BYTES_PER_TOKEN),
  }
}

const STANDARD_TIERS = new Set<unknown>([undefined, null, 'auto', 'default', 'standard', 'standard_only'])

/**
 * The most that a call can cost, in USD.
 * @throws {Refusal} `unpriced` when nobody knows
 */
export function worstCost(endpoint: Endpoint, body: JsonObject, input: InputEstimate, list: PriceList): number {
  if (!endpoint.billed) return 0
  const model = typeof body.model === 'string' ? body.model : ''
  const price: ModelPrice | undefined = priceOf(list, model)
  if (!price) throw new Refusal('unpriced', new UnpricedModelError([model], list).message)
  if (!STANDARD_TIERS.has(body.service_tier) || !STANDARD_TIERS.has(body.speed)) {
    throw new Refusal(
      'unpriced',
      'The request asks for a service tier or speed that the price list does not know, so the budget in USD cannot be kept. Ask for the standard one, or take the budget away.',
    )
  }
  return worstCostOf(price, input.most, endpoint.outputLimit(body) ?? UNSTATED_OUTPUT_TOKENS)
}
