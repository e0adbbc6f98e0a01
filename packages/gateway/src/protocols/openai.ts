import { chatCompletions, readTokens } from './openai-chat.ts'
import { responses } from './openai-responses.ts'
import { type ApiError, asObject, type Endpoint, type Protocol } from './protocol.ts'

const embeddings: Endpoint = {
  ...chatCompletions,
  name: 'embeddings',
  generates: false,
  outputLimit: () => 0,
  readBody: (body) => {
    const { model, usage } = asObject(body)
    const tokens = readTokens(usage)
    return {
      ...(typeof model === 'string' && { model }),
      ...(tokens && { tokens }),
      standardPrice: true,
      toolCalls: [],
    }
  },
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/v1/chat/completions', chatCompletions],
  ['/v1/responses', responses],
  ['/v1/embeddings', embeddings],
])

const ERROR_TYPES: Readonly<Record<ApiError['status'], string>> = {
  400: 'invalid_request_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  404: 'invalid_request_error',
  413: 'invalid_request_error',
  502: 'server_error',
  504: 'server_error',
}

/** The OpenAI API, and what speaks like it. */
export const openai: Protocol = {
  name: 'openai',
  defaultUpstream: 'https://api.openai.com',
  keyHeaders: ['openai-beta'],
  endpointOf: (method, path) => (method === 'POST' ? ENDPOINTS.get(path) : undefined),
  errorBody: ({ status, code, message }) => ({ error: { message, type: ERROR_TYPES[status], param: null, code } }),
  authorization: (key) => ({ authorization: `Bearer ${key}` }),
}
