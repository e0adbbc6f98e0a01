import { isSameModel } from './model-name.ts'
import { isStoredVersion, type PromptDigests, promptsDigest } from './prompt-files.ts'
import type { Receipt } from './receipt.ts'
import { forLog } from './untrusted.ts'

/** What a receipt may refuse a release for. The first four are parts of a release, the others are about the evaluation itself. */
export const RECEIPT_PARTS = ['code', 'config', 'prompts', 'model', 'verdict', 'evidence', 'age'] as const
export type ReceiptPart = (typeof RECEIPT_PARTS)[number]

/** What a deployment may accept of a receipt although it is not the rule. */
export const ACCEPTABLE = ['inconclusive', 'replayed', 'alias'] as const
export type Acceptable = (typeof ACCEPTABLE)[number]

/** What is about to be deployed, in the terms of a receipt; null or empty where the release has nothing of a part. */
export interface Deployed {
  /** The commit; null where it is unknown. */
  readonly code: { readonly commit: string; readonly tree: string | null } | null
  readonly images: readonly string[]
  /** The digest of the agent's configuration, of the file's bytes. */
  readonly config: string | null
  /** As `promptDigests` makes them. */
  readonly prompts: PromptDigests
  /** `inConfig`: that configuration says it. */
  readonly model: { readonly id: string; readonly inConfig: boolean } | null
}

export interface ReceiptRules {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** An evaluation that ended longer ago counts no more; undefined: there is no limit. */
  readonly maxAgeMs?: number
  readonly accepts: readonly Acceptable[]
}

/** One part in which what was evaluated is not what is deployed, or is not known to be. */
export interface ReceiptDifference {
  readonly part: ReceiptPart
  /** `unknown`: the receipt, or the deployment, does not say enough to tell. */
  readonly kind: 'different' | 'unknown'
  readonly evaluated: string | null
  readonly deployed: string | null
  /** For people; what it quotes of the receipt is safe in a log. */
  readonly sentence: string
}

const quote = (text: string): string => forLog(text, 200).replaceAll(/\s+/g, ' ')
const short = (id: string): string => quote(id.replace(/^sha256:/, '').slice(0, 12))

type Evaluated = Receipt['evaluated']

const PINNED = /^([^@]+)@(sha256:[0-9a-f]{64})$/

/** Repository and digest of an image that is named by its digest. */
function pinned(image: string | null): { readonly repository: string; readonly digest: string } | undefined {
  const [, named = '', digest] = PINNED.exec(image ?? '') ?? []
  return digest === undefined ? undefined : { repository: named.replace(/:[^:/]*$/, ''), digest }
}

/** undefined: whether the evaluated image is deployed cannot be told from the images' names. */
function isImageDeployed(image: string | null, images: readonly string[]): boolean | undefined {
  const wanted = pinned(image)
  if (!wanted) return undefined
  const running = images.map(pinned)
  if (running.some((each) => each?.digest === wanted.digest)) return true
  const isAnother = running.some((each) => each?.repository === wanted.repository) || !running.includes(undefined)
  return isAnother && running.length > 0 ? false : undefined
}

/** The image decides where both sides name it by its digest; else the commit does, or its tree. */
function codeDifference({ code, image }: Evaluated, deployed: Deployed): ReceiptDifference | undefined {
  const sameImage = isImageDeployed(image, deployed.images)
  if (sameImage) return undefined
  if (sameImage === false) {
    const images = deployed.images.join(', ')
    const sentence = `The image ${quote(image!)} was evaluated, and ${quote(images)} is deployed`
    return { part: 'code', kind: 'different', evaluated: image, deployed: images, sentence }
  }
  const to = deployed.code?.commit ?? null
  const found = (kind: ReceiptDifference['kind'], sentence: string): ReceiptDifference => {
    return { part: 'code', kind, evaluated: code?.commit ?? null, deployed: to, sentence }
  }
  if (code === null) return found('unknown', 'The receipt does not say which commit was evaluated')
  if (!code.clean) {
    return found('different', `Commit ${short(code.commit)} was evaluated with changes that are not committed`)
  }
  if (deployed.code === null) {
    return found('unknown', `Commit ${short(code.commit)} was evaluated, and which commit is deployed is not known`)
  }
  if (code.commit === deployed.code.commit) return undefined
  if (code.tree !== null && code.tree === deployed.code.tree) return undefined
  return found(
    'different',
    `Commit ${short(code.commit)} was evaluated, and ${short(deployed.code.commit)} is deployed`,
  )
}

function configDifference({ config }: Evaluated, deployed: Deployed): ReceiptDifference | undefined {
  if (deployed.config === null || config?.digest === deployed.config) return undefined
  const both = { part: 'config', evaluated: config?.digest ?? null, deployed: deployed.config } as const
  if (config === null) {
    const sentence = 'The receipt does not say with which configuration the agent was evaluated'
    return { ...both, kind: 'unknown', sentence }
  }
  const sentence = `The configuration ${quote(config.path)} was evaluated as ${short(config.digest)}, and ${short(deployed.config)} is deployed`
  return { ...both, kind: 'different', sentence }
}

const MOST_FILES = 5

/**
 * Both ways: a mounted directory hides the prompts in the image, so one that does not travel is missing. Of a prompt store `latest.json`
 * and the versions in use travel.
 */
function promptsDifference({ prompts }: Evaluated, deployed: Deployed): ReceiptDifference | undefined {
  const travelling = Object.keys(deployed.prompts)
  if (travelling.length === 0) return undefined
  const { files } = prompts
  const has = (digests: PromptDigests, path: string): boolean => Object.hasOwn(digests, path)
  const differing = [
    ...travelling
      .filter((path) => !has(files, path) || files[path] !== deployed.prompts[path])
      .map((path) => `${quote(path)} ${has(files, path) ? 'has another content' : 'was not evaluated'}`),
    ...Object.keys(files)
      .filter((path) => !has(deployed.prompts, path) && !isStoredVersion(path, files))
      .map((path) => `${quote(path)} was evaluated and is not deployed`),
  ]
  if (differing.length === 0) return undefined
  const more = differing.length > MOST_FILES ? `, and ${differing.length - MOST_FILES} more differ` : ''
  return {
    part: 'prompts',
    kind: 'different',
    evaluated: promptsDigest(files),
    deployed: promptsDigest(deployed.prompts),
    sentence: `The prompts are not those that were evaluated: ${differing.slice(0, MOST_FILES).join(', ')}${more}`,
  }
}

/** What answered decides, where it was seen; else what was asked for; else the configuration that says it. */
function modelDifference(
  { model: { requested, answered }, config }: Evaluated,
  deployed: Deployed,
  accepts: readonly Acceptable[],
): ReceiptDifference | undefined {
  if (deployed.model === null) return undefined
  const { id, inConfig } = deployed.model
  const seen = answered.map(quote).join(', ')
  const found = (kind: ReceiptDifference['kind'], sentence: string): ReceiptDifference => {
    const evaluated = answered.length > 0 ? answered.join(', ') : requested
    return { part: 'model', kind, evaluated, deployed: id, sentence }
  }
  if (answered.length > 0) {
    if (answered.some((name) => isSameModel(name, id))) return undefined
    if (requested === id) {
      if (accepts.includes('alias')) return undefined
      return found('unknown', `The evaluation asked for ${quote(id)} and ${seen} answered, which may be another model`)
    }
    return found('different', `${seen} was evaluated, and ${quote(id)} is deployed`)
  }
  if (requested !== null) {
    if (isSameModel(requested, id)) return undefined
    return found('different', `${quote(requested)} was evaluated, and ${quote(id)} is deployed`)
  }
  if (inConfig && config !== null && config.digest === deployed.config) return undefined
  return found('unknown', 'The receipt does not say which model was evaluated')
}

function verdictDifference(receipt: Receipt, accepts: readonly Acceptable[]): ReceiptDifference | undefined {
  const { verdict, reason, exit_status: exitStatus } = receipt
  if (verdict === 'passed') return undefined
  if (verdict === 'inconclusive' && exitStatus === 0 && accepts.includes('inconclusive')) return undefined
  const sentence = `The evaluation's verdict is ${verdict}: ${quote(reason)}`
  return { part: 'verdict', kind: 'different', evaluated: verdict, deployed: null, sentence }
}

function evidenceDifference(
  { evidence, counts }: Receipt,
  accepts: readonly Acceptable[],
): ReceiptDifference | undefined {
  if (evidence !== 'replayed' || accepts.includes('replayed')) return undefined
  const sentence = `All ${counts.measured} answers came from recordings, so the models were not asked`
  return { part: 'evidence', kind: 'different', evaluated: evidence, deployed: null, sentence }
}

/** The clocks of two runners. */
const CLOCK_SKEW_MS = 5 * 60_000
const HOUR_MS = 3_600_000

const inHours = (ms: number): string => `${Math.round((ms / HOUR_MS) * 10) / 10} hours`

function ageDifference(receipt: Receipt, { nowMs, maxAgeMs }: ReceiptRules): ReceiptDifference | undefined {
  const { finished_at: finishedAt } = receipt
  const ageMs = nowMs - Date.parse(finishedAt)
  const found = (sentence: string): ReceiptDifference => {
    const deployed = new Date(nowMs).toISOString()
    return { part: 'age', kind: 'different', evaluated: finishedAt, deployed, sentence }
  }
  if (ageMs < -CLOCK_SKEW_MS) return found(`The evaluation ended at ${finishedAt}, which is in the future`)
  if (maxAgeMs === undefined || ageMs <= maxAgeMs) return undefined
  return found(`The evaluation ended ${inHours(ageMs)} ago, and at most ${inHours(maxAgeMs)} are allowed`)
}

/**
 * Why a receipt is no proof for a release, part by part in the order of `RECEIPT_PARTS`; empty where it is one. A part that the release
 * has nothing of differs in nothing.
 */
export function receiptDifferences(receipt: Receipt, deployed: Deployed, rules: ReceiptRules): ReceiptDifference[] {
  const { evaluated } = receipt
  return [
    codeDifference(evaluated, deployed),
    configDifference(evaluated, deployed),
    promptsDifference(evaluated, deployed),
    modelDifference(evaluated, deployed, rules.accepts),
    verdictDifference(receipt, rules.accepts),
    evidenceDifference(receipt, rules.accepts),
    ageDifference(receipt, rules),
  ].filter((difference) => difference !== undefined)
}
