import { ConfigurationError } from '@agent-ci/core/errors'

/** One folder of a name: no separator, no leading dot, no device or stream character. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/
const VERSION = /^v[A-Za-z0-9._-]{0,99}$/

/** A folder ending in `.json` would take the place of a version's file; Windows drops a dot at the end. */
export const isPromptSegment = (text: string): boolean => SEGMENT.test(text) && !/\.(?:json)?$/.test(text)

/**
 * The folders of a prompt's name, `support` or `team/support`.
 *
 * @throws {ConfigurationError} for a name that would leave the store or meet its own files
 */
export function nameSegments(name: string): string[] {
  const segments = name.split('/')
  if (segments.every(isPromptSegment)) return segments
  throw new ConfigurationError({
    what: `${JSON.stringify(name)} is not a prompt's name`,
    why: 'Expected letters, digits, "_", "-" and ".", in folders separated by "/"; a name never leaves the store',
    mend: 'Write for example support or team/support',
  })
}

export const isVersion = (text: string): boolean => VERSION.test(text)

/** @throws {ConfigurationError} for anything but a version's name or `latest` */
export function checkVersion(version: string): string {
  if (version === 'latest' || isVersion(version)) return version
  throw new ConfigurationError({
    what: `${JSON.stringify(version)} is not a version`,
    why: 'Expected "latest", or "v" with letters, digits, "_", "-" and "."',
    mend: 'Write for example v20251215120000; agent-ci prompts list shows the versions',
  })
}

/** The version of a file in a prompt's folder (`v20251215120000.json`), or undefined for any other file. */
export function versionOfFile(fileName: string): string | undefined {
  const version = fileName.endsWith('.json') ? fileName.slice(0, -'.json'.length) : ''
  return isVersion(version) ? version : undefined
}

/** `v20251215120000`: the version that the guide's class would save at a time, in UTC. */
export const versionAt = (date: Date): string => `v${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`
