import { forLog } from '@agent-ci/core/untrusted'

/** Untrusted text as one line of a log or a terminal; `(empty)` where there is none. */
export const logLine = (text: string, max = 160): string =>
  text.trim() === '' ? '(empty)' : forLog(text, max).replaceAll(/\s*\n\s*/g, ' ↵ ')
