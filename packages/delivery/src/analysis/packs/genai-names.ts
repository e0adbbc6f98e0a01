import type { LogicalMetric } from './names.ts'

/** A histogram of seconds, under the spellings that exporters make of its OpenTelemetry name. */
const seconds = (logical: string, otel: string, required = false): LogicalMetric => {
  const plain = otel.replaceAll('.', '_')
  return { logical, required, type: 'histogram', spellings: [`${plain}_seconds`, plain, `${otel}_seconds`, otel] }
}

/** OpenTelemetry's GenAI names are all still "Development": new spellings go here. */
export const GENAI_NAMES: readonly LogicalMetric[] = [
  seconds('requests', 'gen_ai.client.operation.duration', true),
  seconds('workflows', 'gen_ai.workflow.duration'),
  seconds('agent runs', 'gen_ai.invoke_agent.duration'),
  seconds('tool calls', 'gen_ai.execute_tool.duration'),
  {
    logical: 'tokens',
    required: false,
    type: 'histogram',
    spellings: [
      'gen_ai_client_token_usage',
      'gen_ai_client_token_usage_token',
      'gen_ai_client_token_usage_tokens',
      'gen_ai.client.token.usage',
    ],
  },
  {
    logical: 'tokens counted',
    required: false,
    type: 'counter',
    spellings: ['gen_ai_client_token_usage_tokens_total', 'gen_ai_client_token_usage_total'],
  },
  {
    logical: 'output tokens counted',
    required: false,
    type: 'counter',
    spellings: [
      'gen_ai_client_inference_usage_output_tokens_total',
      'gen_ai_client_inference_usage_output_tokens_token_total',
    ],
  },
  {
    logical: 'time to first token',
    required: false,
    type: 'histogram',
    spellings: [
      'gen_ai_server_time_to_first_token_seconds',
      'gen_ai_server_time_to_first_token',
      'gen_ai_client_operation_time_to_first_chunk_seconds',
      'gen_ai_client_operation_time_to_first_chunk',
    ],
  },
  { logical: 'prices', required: false, type: 'gauge', spellings: ['llm_price_usd_per_token'] },
]
