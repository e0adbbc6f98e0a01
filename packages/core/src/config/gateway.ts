import * as z from 'zod'

export const MODES = ['live', 'record', 'replay', 'auto'] as const

const amount = z.number().min(0)

/** `gateway` in agent-ci.yaml: how model traffic is recorded, replayed and bounded. */
export const gatewayConfigSchema = z
  .strictObject({
    responses: z
      .enum(MODES)
      .describe('live: no recordings; record: ask and record; replay: never ask; auto: replay, else record'),
    cassettes: z.string().min(1).describe('The directory of recordings'),
    upstream_anthropic: z.url({ protocol: /^https?$/ }),
    upstream_openai: z.url({ protocol: /^https?$/ }),
    budget_usd: amount.describe(
      'A stop, not a gate: at the limit new calls are refused and the run ends with what it has',
    ),
    requests_per_minute: amount,
    tokens_per_minute: amount,
    prices: z.string().min(1).describe('A price list of your own, over the built-in one'),
    redact: z.array(z.string()).describe('Regular expressions for what must not be stored'),
    ignore: z
      .array(z.string())
      .describe('Places in a request that do not count when it is compared with recordings: metadata.user_id'),
    normalise: z.array(
      z.union([
        z.enum(['timestamps', 'dates', 'uuids', 'ids']),
        z.strictObject({ pattern: z.string(), replacement: z.string() }),
      ]),
    ),
    timing: z.enum(['none', 'recorded']).describe('Whether replayed answers take as long as recorded ones did'),
    set_model: z
      .boolean()
      .describe('Put the model of the evaluation into every model call of the agent, for agents that take none'),
    strict: z.boolean().describe('Refuse what is not a known model call, instead of handing it on'),
  })
  .partial()
