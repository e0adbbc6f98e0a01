/** The inputs of llm-gateway, which are the options of `agent-ci gateway` too. */
export const INPUTS = {
  config: 'Path of the configuration, for its `gateway` part (default: agent-ci.yaml where there is one)',
  mode: 'What the gateway does: `live` records nothing, `record` asks and records, `replay` never asks, `auto` replays, else records (default live)',
  cassettes: 'Directory of recorded answers (default cassettes)',
  'upstream-anthropic': 'Where to find the Anthropic API (default: ANTHROPIC_BASE_URL, else its public address)',
  'upstream-openai': 'Where to find the OpenAI API (default: OPENAI_BASE_URL, else its public address)',
  'budget-usd': 'What the model calls may cost: at the limit new ones are refused',
  'requests-per-minute': 'Rate limit, shared by all that use the gateway',
  'tokens-per-minute': 'Rate limit, input and output together',
  prices: 'A price list of your own (JSON), over the built-in one',
  redact: 'Regular expressions for what must not be stored, one a line; known keys never are',
  port: 'Port on the loopback interface (default: any free one)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  'anthropic-base-url': 'What `ANTHROPIC_BASE_URL` is set to for later steps',
  'openai-base-url': 'What `OPENAI_BASE_URL` is set to for later steps',
  pid: 'The process that serves',
} as const
