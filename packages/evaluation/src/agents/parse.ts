import { type AgentConfig, agentConfigSchema } from '@agent-ci/core/config/agents'
import { ConfigurationError } from '@agent-ci/core/errors'
import { nearestName } from '@agent-ci/core/nearest'
import type { Origin } from '@agent-ci/core/quantities'
import { splitWords } from './argv.ts'

const FORMS = 'http://…, https://…, command:<program and arguments>, python:<module>:<attribute> or anthropic:<model>'
const PREFIXES = ['http', 'https', 'command', 'python', 'anthropic']

/** The form that a text without a known prefix most likely meant. */
function nearestForm(text: string): string {
  const [, prefix = '', rest = ''] = /^([\w-]+):(.*)$/s.exec(text) ?? []
  const known = prefix && nearestName(prefix, PREFIXES)
  if (known) return `Did you mean ${known}:${rest}?`
  if (/^[\w.]+:[A-Za-z_][\w.]*$/.test(text)) return `Write python:${text}`
  if (/^claude-\S+$/.test(text)) return `Write anthropic:${text}`
  if (/\S\s+\S|\.(?:mjs|cjs|js|ts|py|sh)$/.test(text)) return `Write command:${text}`
  if (/^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:]+\])(?::\d+)?(?:\/|$)/i.test(text)) return `Write http://${text}`
  return 'Write for example command:node agent.mjs'
}

/**
 * Reads an agent's short form: `http://…`, `command:node agent.mjs`, `python:package.module:attribute`, `anthropic:<model>`.
 * @throws ConfigurationError for anything else, with the nearest form.
 */
export function parseAgent(text: string, origin: Origin): AgentConfig {
  const short = text.trim()
  const refuse = (why: string, mend: string): never => {
    throw new ConfigurationError({
      what: `${origin.name} is ${JSON.stringify(text)}`,
      why,
      mend,
      ...(origin.source && { source: origin.source }),
    })
  }
  const checked = (config: unknown, why: string, mend: string): AgentConfig =>
    agentConfigSchema.safeParse(config).data ?? refuse(why, mend)

  const [, prefix, rest = ''] = /^(https?|command|python|anthropic):(.*)$/s.exec(short) ?? []
  const value = rest.trim()
  switch (prefix) {
    case 'http':
    case 'https':
      return checked(
        { type: 'http', url: short },
        'Expected the URL of the agent',
        'Write for example http://127.0.0.1:8080/run',
      )
    case 'command':
      return agentConfigSchema.parse({ type: 'command', command: splitWords(value, origin) })
    case 'python':
      return checked(
        { type: 'python', target: value },
        'Expected python:<module>:<attribute>, the module in dotted form',
        `Write python:${
          value
            .replace(/\.py(?=:|$)/, '')
            .replaceAll('/', '.')
            .split(':')[0] || 'agent'
        }:${value.split(':')[1] || 'run'}`,
      )
    case 'anthropic':
      return checked(
        { type: 'anthropic', model: value },
        'Expected a model after anthropic:',
        'Write for example anthropic:claude-sonnet-5-5',
      )
    default:
      return refuse(short === '' ? `Expected an agent: ${FORMS}` : `Expected ${FORMS}`, nearestForm(short))
  }
}
