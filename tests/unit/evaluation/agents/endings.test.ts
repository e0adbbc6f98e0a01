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

test.each([
  [{ code: 3, signal: null }, '', "The agent's process exited with code 3 before it answered; stderr is empty"],
  [
    { code: null, signal: 'SIGKILL' as const },
    'out of memory',
    "The agent's process was killed by SIGKILL before it answered; stderr ends with: out of memory",
  ],
])('a process that ended with %j is a crash, which is not tried again', (ending, stderr, message) => {
  expect(endedWithoutAnswer(ending, 'agent', stderr).failure).toEqual({
    of: 'infrastructure',
    kind: 'crash',
    message,
    retryable: false,
  })
})
