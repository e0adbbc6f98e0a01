import type { Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'

/** Something about a release that the user should know and that does not stop it. */
export const warning = (message: string, source: Source): Annotation => ({
  level: 'warning',
  title: 'Release',
  message,
  source,
})

export const notice = (message: string, source: Source): Annotation => ({
  ...warning(message, source),
  level: 'notice',
})
