import type { GitHub } from '@actions/github/lib/utils'
import type { Host } from '@agent-ci/core/host'
import { proxiedFetch } from '@agent-ci/notify/proxied-fetch'
import { failedRequest } from './api-problem.ts'
import { DEFAULT_RULES, type RetryRules, retryDelayMs } from './retry-rules.ts'

export type Octokit = InstanceType<typeof GitHub>

/** `signal` ends requests: after a cancelled job, give another one to what must still be said. */
export type ApiHost = Pick<Host, 'env' | 'date' | 'random' | 'sleep' | 'signal'>

export const apiUrlOf = (env: ApiHost['env']): string =>
  (env.GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, '')

/** Safe to send again; a POST is where its caller says `request: { repeatable: true }`. */
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])

/**
 * A client of GitHub's API: of github.com, of the GHES that `GITHUB_API_URL` names, through the environment's proxy. Waits out rate
 * limits, sends again what failed in passing, gives up silent connections.
 */
export async function openOctokit(token: string, host: ApiHost, rules: RetryRules = DEFAULT_RULES): Promise<Octokit> {
  const baseUrl = apiUrlOf(host.env)
  const { fetch } = await proxiedFetch(new URL(baseUrl), host.env)
  // Imported only here: it is a fifth of a bundle, and it reads the process's environment.
  const { GitHub, getOctokitOptions } = await import('@actions/github/lib/utils')
  const silent = () => undefined
  const octokit = new GitHub(
    getOctokitOptions(token, {
      baseUrl,
      userAgent: 'agent-ci',
      log: { debug: silent, info: silent, warn: silent, error: silent },
      request: {
        fetch: (url: string, init: RequestInit = {}) => {
          const signals = [host.signal, AbortSignal.timeout(rules.timeoutMs), ...(init.signal ? [init.signal] : [])]
          return fetch(url, { ...init, signal: AbortSignal.any(signals) })
        },
      },
    }),
  )
  octokit.hook.wrap('request', async (request, options) => {
    const repeatable = REPEATABLE.has(options.method) || options.request?.repeatable === true
    for (let attempt = 0; ; attempt++) {
      try {
        return await request(options)
      } catch (error) {
        const failed = failedRequest(error, repeatable)
        if (!failed || host.signal.aborted) throw error
        const waitMs = retryDelayMs(failed, attempt, rules, host.date(), host.random)
        if (waitMs === undefined) throw error
        await host.sleep(waitMs, host.signal)
      }
    }
  })
  return octokit
}
