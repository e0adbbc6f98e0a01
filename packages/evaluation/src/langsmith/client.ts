import type { Client } from 'langsmith/client'

/** What the client is made of; the key is empty where there is none. */
export interface LangsmithAccess {
  readonly endpoint: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The variable that holds the key; the step's own, which no child gets. */
export const KEY_VARIABLE = 'LANGSMITH_API_KEY'

const REQUEST_TIMEOUT_MS = 20_000
const RETRIES = 3
const AT_ONCE = 8

/** LangSmith's own client, loaded only now; undefined without a key. With a signal, that bounds all requests and not each by itself. */
export async function openClient(
  { endpoint, env }: LangsmithAccess,
  signal?: AbortSignal,
): Promise<Client | undefined> {
  const apiKey = env[KEY_VARIABLE]
  if (!apiKey) return undefined
  const { Client } = await import('langsmith/client')
  const apiUrl = endpoint ?? env.LANGSMITH_ENDPOINT
  const workspaceId = env.LANGSMITH_WORKSPACE_ID
  return new Client({
    apiKey,
    ...(apiUrl && { apiUrl }),
    ...(workspaceId && { workspaceId }),
    timeout_ms: REQUEST_TIMEOUT_MS,
    ...(signal && { fetchOptions: { signal } }),
    callerOptions: { maxRetries: RETRIES, maxConcurrency: AT_ONCE },
    // Nothing is left to be sent behind our back, and nothing of the runner's environment is sent along.
    autoBatchTracing: false,
    omitTracedRuntimeInfo: true,
  })
}
