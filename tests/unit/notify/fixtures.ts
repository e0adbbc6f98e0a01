import type { Alert } from '@agent-ci/notify/alert'
import type { NotifyHost, PostRules } from '@agent-ci/notify/post'

export const ALERT: Alert = {
  key: 'agent-ci/acme/support/production/agent-service',
  kind: 'trigger',
  severity: 'critical',
  title: 'agent-service was rolled back in production',
  text: 'The error rate of the canary was 8.1 %, the limit is 5 %.\nStable had 2.0 %.',
  facts: [
    { name: 'Step', value: '25 % (2 of 5)' },
    { name: 'Release', value: 'v1.4.0' },
  ],
  links: [{ text: 'The run', url: 'https://github.com/acme/support/actions/runs/7/attempts/1' }],
  at: '2026-11-24T03:00:00.000Z',
}

export const QUICK: PostRules = { mostRetries: 3, timeoutMs: 2_000, longestWaitMs: 30_000 }

/** A host whose waiting takes no time; it remembers what was waited for and what people were warned of. */
export class TestHost implements NotifyHost {
  readonly env: Record<string, string>
  readonly waits: number[] = []
  readonly warnings: string[] = []
  readonly controller = new AbortController()
  readonly signal = this.controller.signal
  readonly random = () => 0.5
  readonly date = () => new Date('2026-11-24T03:00:01.500Z')

  constructor(env: Record<string, string> = {}) {
    this.env = env
  }

  readonly sleep = async (ms: number) => {
    this.waits.push(ms)
    this.signal.throwIfAborted()
  }

  readonly warn = (title: string, message: string) => {
    this.warnings.push(`${title}: ${message}`)
  }
}

/** Words that somebody else wrote. */
export const HOSTILE =
  '<!here> <!channel> <!subteam^S1> <@U123> <#C1> <https://evil.example|the run> &lt;!here&gt; @everyone \u202egnp.exe \u001b[31mred' +
  ' --> <!-- agent-ci --> </code><img src=x onerror=alert(1)> `code` *bold* [x](javascript:alert(1)) ::error::x \ud800'
