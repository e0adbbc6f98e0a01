import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { scorerSchemas } from '@agent-ci/core/config/scorers'
import { SETTING_SCORERS } from '@agent-ci/core/safety-record'

/** What the deployed agent's own settings forbid, as scorers of every trial. */
export async function settingScorers(text: string, file: string): Promise<ScorerConfig[]> {
  const { parseDeployedAgentConfig } = await import('@agent-ci/core/config/deployed-agent')
  const { safety, tools } = (await parseDeployedAgentConfig(text, file)).value
  const { enabled, disabled } = tools
  return [
    ...(enabled.length + disabled.length > 0
      ? [
          scorerSchemas.forbidden_tools.parse({
            type: 'forbidden_tools',
            name: SETTING_SCORERS.tools,
            ...(disabled.length > 0 && { tools: disabled }),
            ...(enabled.length > 0 && { allow: enabled }),
          }),
        ]
      : []),
    scorerSchemas.limits.parse({
      type: 'limits',
      name: SETTING_SCORERS.iterations,
      iterations: Math.max(1, safety.max_tool_iterations),
    }),
    ...(safety.pii_detection === 'enabled'
      ? [
          scorerSchemas.secrets.parse({
            type: 'secrets',
            name: SETTING_SCORERS.pii,
            kinds: ['credit_card', 'iban', 'us_ssn', 'email', 'phone'],
          }),
        ]
      : []),
  ]
}
