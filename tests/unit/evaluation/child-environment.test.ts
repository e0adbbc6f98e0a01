import { childEnvironment } from '@agent-ci/evaluation/child-environment'
import { expect, test } from '@jest/globals'

test('a child gets the environment without what the runner obeys and without credentials of the step', () => {
  const parent = {
    PATH: '/bin',
    HOME: '/home/me',
    GITHUB_SHA: 'abc',
    GITHUB_EVENT_PATH: '/event.json',
    RUNNER_TRACKING_ID: 'github_1',
    ANTHROPIC_API_KEY: 'key',
    UNSET: undefined,
    'INPUT_GITHUB-TOKEN': 't',
    INPUT_AGENT: 'command:x',
    ACTIONS_RUNTIME_TOKEN: 't',
    ACTIONS_RUNTIME_URL: 'u',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'u',
    ACTIONS_CACHE_URL: 'u',
    ACTIONS_RESULTS_URL: 'u',
    GITHUB_TOKEN: 't',
    GH_TOKEN: 't',
    LANGSMITH_API_KEY: 't',
    GITHUB_OUTPUT: '/o',
    GITHUB_ENV: '/e',
    GITHUB_PATH: '/p',
    GITHUB_STATE: '/s',
    GITHUB_STEP_SUMMARY: '/m',
  }
  expect(childEnvironment(parent, { EXTRA: '1', GITHUB_TOKEN: 'given on purpose' })).toEqual({
    PATH: '/bin',
    HOME: '/home/me',
    GITHUB_SHA: 'abc',
    GITHUB_EVENT_PATH: '/event.json',
    RUNNER_TRACKING_ID: 'github_1',
    ANTHROPIC_API_KEY: 'key',
    EXTRA: '1',
    GITHUB_TOKEN: 'given on purpose',
    AGENT_CI: '1',
  })
})
