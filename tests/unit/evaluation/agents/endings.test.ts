import { endedWithoutAnswer } from '@agent-ci/evaluation/agents/endings'
import { expect, test } from '@jest/globals'

const notStarted = (code: string) => ({ error: Object.assign(new Error(`spawn ${code}`), { code }) })

test.each([
  [
    'ENOENT',
    'refused',
    false,
    'The agent could not be started: the command "agent" was not found; check its name and the PATH',
  ],
  [
    'EACCES',
    'refused',
    false,
    'The agent could not be started: "agent" is not executable; run chmod +x, or name its interpreter',
  ],
  ['E2BIG', 'refused', false, 'The agent could not be started: spawn E2BIG'],
  ['EMFILE', 'unavailable', true, 'The agent could not be started: spawn EMFILE'],
  ['ENFILE', 'unavailable', true, 'The agent could not be started: spawn ENFILE'],
  ['ENOMEM', 'unavailable', true, 'The agent could not be started: spawn ENOMEM'],
  ['EAGAIN', 'unavailable', true, 'The agent could not be started: spawn EAGAIN'],
])('a process that was not started for %s is %s', (code, kind, retryable, message) => {
  expect(endedWithoutAnswer(notStarted(code), 'agent', '').failure).toEqual({
    of: 'infrastructure',
    kind,
    message,
    retryable,
  })
})
