import type { AgentRequest } from '@agent-ci/core/agent'

/** What an agent needs from the one who runs it. */
export interface AgentDeps {
  /** Where relative paths of the configuration start. */
  readonly cwd: string
  /** The parent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Trials in flight at most: the number of workers and of connections. */
  readonly concurrency: number
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** The prompts under test by repository path; sent with each request, and read before files by `system: file:…`. */
  readonly prompts?: Readonly<Record<string, string>>
  /**
   * Variables of worker 0 … concurrency-1, over all others: `ANTHROPIC_BASE_URL` and `OPENAI_BASE_URL` (a gateway's path for that
   * worker), `AGENT_CI_ARM`, `AGENT_CI_PROMPTS_DIR`. An `anthropic` agent reads its base URL from it too.
   */
  readonly workerEnv?: (worker: number) => Readonly<Record<string, string>>
  /** The W3C trace context of a trial, which the agent is given so that its own spans continue it. */
  readonly traceparent?: (request: AgentRequest) => string
  /** Told which trial a worker runs, before it starts and (null) when the worker can make no more model calls for it. */
  readonly onTrial?: (worker: number, trial: string | null) => void
}

/** Unique for each trial of a run: `<example id>#<repeat>`. */
export const trialKey = (request: AgentRequest): string => `${request.example.id}#${request.repeat}`
