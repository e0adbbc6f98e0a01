import { type Answer, failed } from './answer.ts'
import { describeEnding, type Ending, quoteStderr } from './process-group.ts'

/** Of the moment, and not of the configuration: too many processes or open files, too little memory. */
const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']

/** Why there is no answer when a process ended without one: it never started, or it crashed. */
export function endedWithoutAnswer(ending: Ending, program: string, stderrTail: string, note = ''): Answer {
  const how = describeEnding(ending, program)
  if ('error' in ending) {
    const shortage = SHORTAGES.includes(ending.error.code ?? '')
    const kind = shortage ? 'unavailable' : 'refused'
    return failed({ of: 'infrastructure', kind, message: `The agent ${how}`, retryable: shortage })
  }
  const message = `The agent's process ${how} before it answered${note}${quoteStderr(stderrTail)}`
  return failed({ of: 'infrastructure', kind: 'crash', message, retryable: false })
}
