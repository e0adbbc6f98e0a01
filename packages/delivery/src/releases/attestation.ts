import { resolve } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { JsonObject } from '@agent-ci/core/json'
import { type Receipt, receiptDigest } from '@agent-ci/core/receipt'
import { RECEIPT_PREDICATE_TYPE, receiptStatementSchema } from '@agent-ci/core/receipt-statement'
import { forLog } from '@agent-ci/core/untrusted'
import { readBounded } from './bounded-file.ts'

/** A bundle holds the receipt; a list of trusted roots is smaller. */
const MOST_BYTES = 32 << 20
const MOST_BUNDLES = 100

const ISSUER = 'https://token.actions.githubusercontent.com'
const DSSE_PAYLOAD = 'application/vnd.in-toto+json'
/** Fulcio's certificate extensions (sigstore/fulcio, docs/oid-info.md). */
const SOURCE_REPOSITORY = '1.3.6.1.4.1.57264.1.12'

export interface AttestationSettings {
  /** A Sigstore bundle, or several, one a line, relative to the working directory. */
  readonly bundle: string
  /** Trusted roots, one a line, as `gh attestation trusted-root` writes them. */
  readonly trustedRoot: string
  /** The repository whose workflow must have signed: `https://github.com/octo/agent`. */
  readonly repository: string
  /** The workflow that must have signed: `octo/agent/.github/workflows/evaluate.yml`, perhaps with `@refs/heads/main`. */
  readonly workflow?: string
}

/** Who signed. */
export interface Attested {
  /** The workflow with its ref, as the certificate names it. */
  readonly signer: string
}

function refuse(input: string, path: string, why: string, mend: string): never {
  throw new ConfigurationError({ what: `${input} is ${JSON.stringify(path)}`, why, mend })
}

/** A file of one JSON value, or of one on each line. */
async function readValues(input: string, path: string, cwd: string, mend: string): Promise<JsonObject[]> {
  const no = (why: string) => refuse(input, path, why, mend)
  const text = (await readBounded(resolve(cwd, path), MOST_BYTES, no)).trim()
  const parse = (json: string): unknown => {
    try {
      return JSON.parse(json)
    } catch {
      return undefined
    }
  }
  const whole = parse(text)
  const values = whole === undefined ? text.split('\n').map(parse) : [whole]
  const objects = values.filter((value): value is JsonObject => typeof value === 'object' && value !== null)
  if (objects.length === 0 || objects.length < values.length) no('It is neither JSON nor one JSON object a line')
  return objects.slice(0, MOST_BUNDLES)
}

/** By all that it holds, keys of later versions included. */
const sameReceipt = (predicate: JsonObject, { digest }: Receipt): boolean =>
  predicate.digest === digest && receiptDigest(predicate) === digest

/** The value of an extension in the certificate: a DER UTF8String. */
function extensionText(value: Buffer): string {
  const length = value[1] ?? 0
  // Up to 127 bytes the length is one byte, up to 255 it is two.
  return value.toString('utf8', length < 0x80 ? 2 : 3)
}

/**
 * Whether a receipt was attested: a bundle whose signature holds by a trusted root, made by a workflow of the repository on GitHub, whose
 * statement has this very receipt as its predicate. Nothing is fetched.
 *
 * @throws {ConfigurationError} that says what each bundle lacks
 */
export async function verifyAttestation(
  receipt: Receipt,
  settings: AttestationSettings,
  cwd: string,
): Promise<Attested> {
  const { bundle: path, trustedRoot } = settings
  const mend =
    'Give the bundle-path of the actions/attest step that signed this receipt.json, and check receipt-repository and receipt-workflow'
  const bundles = await readValues('receipt-attestation', path, cwd, mend)
  const roots = await readValues(
    'receipt-trusted-root',
    trustedRoot,
    cwd,
    'Write the roots with: gh attestation trusted-root > trusted-root.jsonl',
  )
  const reasons = new Set<string>()
  for (const bundle of bundles) {
    for (const root of roots) {
      const found = await verifyOne(bundle, root, receipt, settings)
      if ('signer' in found) return found
      reasons.add(found.why)
    }
  }
  return refuse('receipt-attestation', path, `It does not attest this receipt: ${[...reasons].join('; ')}`, mend)
}

async function verifyOne(
  bundle: JsonObject,
  root: JsonObject,
  receipt: Receipt,
  { repository, workflow }: AttestationSettings,
): Promise<Attested | { readonly why: string }> {
  // Imported only here: a rollout without an attestation does not pay for it.
  const [{ bundleFromJSON }, { toSignedEntity, toTrustMaterial, Verifier }, { TrustedRoot }] = await Promise.all([
    import('@sigstore/bundle'),
    import('@sigstore/verify'),
    import('@sigstore/protobuf-specs'),
  ])
  try {
    const parsed = bundleFromJSON(bundle)
    const { dsseEnvelope } = parsed.content.$case === 'dsseEnvelope' ? parsed.content : {}
    if (!dsseEnvelope || dsseEnvelope.payloadType !== DSSE_PAYLOAD) return { why: 'it signs no in-toto statement' }
    const trusted = TrustedRoot.fromJSON(root)
    // GitHub's own instance, for private repositories, has no public logs: its timestamps stand for them.
    const logs = trusted.tlogs.length > 0 ? 1 : 0
    const thresholds = { tlogThreshold: logs, ctlogThreshold: logs, timestampThreshold: 1 }
    const { identity } = new Verifier(toTrustMaterial(trusted), thresholds).verify(toSignedEntity(parsed))
    const signer = identity?.subjectAlternativeName ?? ''
    const issuer = identity?.extensions?.issuer ?? ''
    if (issuer !== ISSUER && !issuer.startsWith(`${ISSUER}/`))
      return { why: `it was not signed by a workflow on GitHub, but for ${forLog(issuer, 200)}` }
    const source = identity?.oids?.find(({ oid }) => oid?.id.join('.') === SOURCE_REPOSITORY)
    const sourceRepository = source ? extensionText(source.value) : ''
    if (sourceRepository.toLowerCase() !== repository.toLowerCase())
      return { why: `it was signed for the repository ${forLog(sourceRepository, 200)}, not ${repository}` }
    if (workflow !== undefined && !isWorkflow(signer, workflow, new URL(repository).origin))
      return { why: `it was signed by ${forLog(signer, 300)}, not by ${workflow}` }
    const statement = JSON.parse(dsseEnvelope.payload.toString('utf8')) as { readonly predicate: JsonObject }
    if (!receiptStatementSchema.safeParse(statement).success)
      return { why: `it has no predicate of the type ${RECEIPT_PREDICATE_TYPE}` }
    if (!sameReceipt(statement.predicate, receipt)) return { why: 'it attests another receipt' }
    return { signer }
  } catch (error) {
    return { why: forLog(messageOf(error), 200) }
  }
}

/** Without a ref any branch or tag of the workflow will do. */
function isWorkflow(signer: string, workflow: string, origin: string): boolean {
  const wanted = `${origin}/${workflow}`
  return workflow.includes('@') ? signer === wanted : signer.slice(0, signer.lastIndexOf('@')) === wanted
}
