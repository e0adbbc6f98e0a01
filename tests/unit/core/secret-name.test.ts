import { isSecretName } from '@agent-ci/core/secret-name'
import { expect, test } from '@jest/globals'

test.each([
  'ANTHROPIC_API_KEY',
  'OPENAI_APIKEY',
  'DEPLOY_KEY',
  'GITHUB_TOKEN',
  'WEBHOOK_SECRET',
  'PASSWORD',
  'SLACK_WEBHOOK_URL',
])('%s is the name of a secret', (name) => expect(isSecretName(name)).toBe(true))

test.each(['PATH', 'KEYBOARD', 'MONKEY', 'TOKENS_PER_MINUTE', 'ANTHROPIC_BASE_URL'])('%s is not', (name) =>
  expect(isSecretName(name)).toBe(false),
)
