import { readFileSync } from 'node:fs'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import * as z from 'zod'
import { PRICE_LIST } from './price-list.ts'
import type { Tokens } from './protocols/protocol.ts'

const amount = z.number().min(0)

const rates = z.strictObject({
  input: amount,
  output: amount,
  /** Of input that is read from the provider's cache. */
  cache_read: amount.optional(),
  /** Of input that is written to it for 5 (Anthropic) or 30 (OpenAI) minutes. */
  cache_write: amount.optional(),
  /** For an hour or longer. */
  cache_write_long: amount.optional(),
})

const modelPrice = rates.extend({
  /** Holds for the whole request when its input, cached or not, has more tokens than `above`. */
  long_prompt: rates.extend({ above: z.int().min(1) }).optional(),
})

/** USD per million tokens, by model. */
export const priceListSchema = z.strictObject({
  /** When the prices were looked up. */
  date: z.iso.date(),
  source: z.string(),
  models: z.record(z.string(), modelPrice),
})

export type ModelPrice = Readonly<z.infer<typeof modelPrice>>
type Rates = Readonly<z.infer<typeof rates>>
export type PriceList = Readonly<z.infer<typeof priceListSchema>>

/** A model whose price nobody told us, where the price is needed to keep a budget. */
export class UnpricedModelError extends ConfigurationError {
  readonly models: readonly string[]

  constructor(models: readonly string[], list: PriceList) {
    super(
      models.map((model) => ({
        what: `There is no price for the model "${model}"`,
        why: `A budget in USD cannot be kept without one (price list of ${list.date})`,
        mend: `${suggestName(model, Object.keys(list.models))} Or give its price in a file: prices: prices.json`,
      })),
    )
    this.name = 'UnpricedModelError'
    this.models = models
  }
}

/** The built-in price list with a user's file over it, model by model. Throws {@link ConfigurationError} with the file's name. */
export function loadPrices(file?: string): PriceList {
  if (file === undefined) return PRICE_LIST
  const refuse = (why: string): never => {
    throw new ConfigurationError({
      what: `${file} is no price list`,
      why,
      mend: 'Write {"date": "2026-11-01", "source": "where from", "models": {"my-model": {"input": 1, "output": 5}}}, in USD per million tokens',
    })
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return refuse(messageOf(error))
  }
  const parsed = priceListSchema.safeParse(json)
  if (!parsed.success) return refuse(z.prettifyError(parsed.error))
  return { ...parsed.data, models: { ...PRICE_LIST.models, ...parsed.data.models } }
}

/** A model's price by its name, or by its name without the date of a snapshot (`-20251001`, `-2025-08-07`) or `-latest`. */
export function priceOf(list: PriceList, model: string): ModelPrice | undefined {
  const named = (name: string) => (Object.hasOwn(list.models, name) ? list.models[name] : undefined)
  return named(model) ?? named(model.replace(/-(?:\d{8}|\d{4}-\d\d-\d\d|latest)$/, ''))
}

/** Throws {@link UnpricedModelError} when one of the models has no price. */
export function assertPriced(list: PriceList, models: Iterable<string>): void {
  const unpriced = [...new Set(models)].filter((model) => !priceOf(list, model))
  if (unpriced.length > 0) throw new UnpricedModelError(unpriced, list)
}

const inputOf = (tokens: Tokens): number => tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.cacheWriteLong

/** USD. Where a list has no price for a class of cached tokens, they cost what fresh input costs. */
export function costOf(price: ModelPrice, tokens: Tokens): number {
  const { long_prompt } = price
  const at: Rates = long_prompt && inputOf(tokens) > long_prompt.above ? long_prompt : price
  const write = at.cache_write ?? at.input
  const millionths =
    tokens.input * at.input +
    tokens.cacheRead * (at.cache_read ?? at.input) +
    tokens.cacheWrite * write +
    tokens.cacheWriteLong * (at.cache_write_long ?? write) +
    tokens.output * at.output
  return millionths / 1e6
}

/** What an answer of the Message Batches API costs, as a share of the same one at once; it holds for cached tokens too. */
export const BATCH_SHARE = 0.5

/** The most that a call can cost: all of its input at the dearest class, all of the output that it may have. */
export function worstCostOf(price: ModelPrice, inputTokens: number, outputTokens: number): number {
  const dearest = (at: Rates) => Math.max(at.input, at.cache_write ?? 0, at.cache_write_long ?? 0)
  const { long_prompt } = price
  const at: Rates = long_prompt && inputTokens > long_prompt.above ? long_prompt : price
  return (inputTokens * dearest(at) + outputTokens * at.output) / 1e6
}
