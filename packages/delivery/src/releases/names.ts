import { createHash } from 'node:crypto'

const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const HASH_DIGITS = 10

/** The first 10 hex digits of a digest such as `sha256:…`. */
export const shortHash = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, HASH_DIGITS)

/** Shortens a text to a length; what is cut off goes on in a hash, so that two long texts stay different. */
function fit(text: string, longest: number): string {
  if (text.length <= longest) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
  return `${text.slice(0, longest - HASH_DIGITS - 1).replace(/[-.]+$/, '')}-${hash}`
}

/** `<name>-<hash>`: the name of an object that is named by its content, in at most 253 characters. */
export const contentName = (name: string, digest: string): string =>
  `${fit(name, LONGEST_NAME - HASH_DIGITS - 1)}-${shortHash(digest)}`

/** A name as the value of a label, in at most 63 characters. */
export const labelValue = (name: string): string => fit(name, LONGEST_LABEL)

const LABEL = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/

/** Whether a text can be the name of a Kubernetes object. */
export const isObjectName = (text: string): boolean => text.length <= LONGEST_NAME && LABEL.test(text)

export const APP_LABEL = 'agent-ci.dev/app'
/** The name that the manifests use for a ConfigMap that is named by its content. */
export const CONFIG_OF = 'agent-ci.dev/config-of'
/** The whole digest of a ConfigMap's content, of which its name has 10 digits. */
export const DIGEST = 'agent-ci.dev/digest'
/** `"true"` on a ConfigMap that something else than a pod template of the release reads by its name. */
export const KEEP_NAME = 'agent-ci.dev/keep-name'
export const RELEASE = 'agent-ci.dev/release'
/** On a pod template: the ConfigMaps of its release, so that a change of any of them changes the template. */
export const CONFIG_MAPS = 'agent-ci.dev/config-maps'
