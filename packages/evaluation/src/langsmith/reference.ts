import { ConfigurationError } from '@agent-ci/core/errors'

/** A dataset of LangSmith, as a path of ours names it: `langsmith:refunds`, `langsmith:refunds@prod`, `langsmith:refunds@2026-11-20T10:00:00Z`. */
export interface Reference {
  readonly name: string
  /** A tag, or a time at which the dataset was as it should be; undefined: the newest version. */
  readonly version: string | undefined
}

const SCHEME = 'langsmith:'

export const isReference = (path: string): boolean => path.startsWith(SCHEME)

/** @throws ConfigurationError for a reference that names nothing */
export function parseReference(path: string): Reference {
  const text = path.slice(SCHEME.length).trim()
  const at = text.lastIndexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const version = at < 0 ? undefined : text.slice(at + 1)
  if (name !== '' && version !== '') return { name, version }
  throw new ConfigurationError({
    what: `The dataset is "${path}"`,
    why: 'Expected the name of a dataset, and of a version where there is an @',
    mend: 'Write for example langsmith:refunds, or langsmith:refunds@prod',
  })
}

export const formatReference = ({ name, version }: Reference): string =>
  `${SCHEME}${name}${version === undefined ? '' : `@${version}`}`
