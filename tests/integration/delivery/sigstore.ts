import { createHash, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  fulcioHandler,
  type HandlerFn,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock'
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs'
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } from '@sigstore/sign'

const keyPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })

/** What GitHub's OpenID Connect token says of a job, as far as certificates hold it. */
export interface Workflow {
  /** `octo/agent` */
  readonly repository: string
  /** `octo/agent/.github/workflows/evaluate.yml@refs/heads/main` */
  readonly workflow: string
  readonly issuer?: string
}

const token = ({ repository, workflow, issuer = 'https://token.actions.githubusercontent.com' }: Workflow): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: issuer, sub: `https://github.com/${workflow}`, repository, aud: 'sigstore' }
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`
}

/**
 * A Sigstore of our own on loopback: a certificate authority with its transparency log, a log of signatures and a time stamp authority, of
 * the Sigstore project's test package; signing against it is done by the library that actions/attest signs with.
 */
export class Sigstore {
  private readonly server: Server
  /** As `gh attestation trusted-root` writes one. */
  readonly trustedRoot: string

  private constructor(server: Server, trustedRoot: string) {
    this.server = server
    this.trustedRoot = trustedRoot
  }

  /** @param withLogs without them it is like GitHub's instance for private repositories */
  static async start(withLogs = true): Promise<Sigstore> {
    const ctKeys = keyPair('prime256v1')
    const ctlog = await initializeCTLog(ctKeys)
    const ca = await initializeCA(keyPair('secp384r1'), withLogs ? ctlog : undefined)
    const rekorKeys = keyPair('prime256v1')
    const tlog = await initializeTLog('https://rekor.sigstore.dev', rekorKeys)
    const tsa = await initializeTSA(keyPair('prime256v1'))
    const handlers = [fulcioHandler(ca), rekorHandler(tlog), tsaHandler(tsa)]
    const routes = new Map<string, HandlerFn>(handlers.map(({ path, fn }) => [path, fn]))
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', async () => {
        // A time stamp of 120 ms is written as .12, and the verifier reads three digits or none.
        while (Date.now() % 10 !== 1);
        const answer = await routes.get(request.url ?? '')?.(Buffer.concat(chunks).toString('utf8'))
        if (!answer) return void response.writeHead(404).end()
        const body = answer.response as string | Uint8Array
        response.writeHead(answer.statusCode, { 'content-type': answer.contentType ?? 'text/plain' }).end(body)
      })
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const validFor = { start: new Date(Date.now() - 60_000), end: undefined }
    const subject = { commonName: 'sigstore', organization: 'test' }
    const log = (publicKey: Buffer) => ({
      baseUrl: 'https://rekor.sigstore.dev',
      hashAlgorithm: HashAlgorithm.SHA2_256,
      publicKey: { rawBytes: publicKey, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
      logId: { keyId: createHash('sha256').update(publicKey).digest() },
      checkpointKeyId: undefined,
      operator: 'test',
    })
    const authority = (uri: string, ...certificates: readonly Uint8Array[]) => ({
      subject,
      uri,
      certChain: { certificates: certificates.map((each) => ({ rawBytes: Buffer.from(each) })) },
      validFor,
      operator: 'test',
    })
    const spki = ({ publicKey }: ReturnType<typeof keyPair>) => publicKey.export({ format: 'der', type: 'spki' })
    const root: TrustedRoot = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      certificateAuthorities: [authority('https://fulcio.sigstore.dev', ca.rootCertificate as Uint8Array)],
      timestampAuthorities: [
        authority(
          'https://timestamp.sigstore.dev',
          tsa.intCertificate as Uint8Array,
          tsa.rootCertificate as Uint8Array,
        ),
      ],
      tlogs: withLogs ? [log(spki(rekorKeys))] : [],
      ctlogs: withLogs ? [log(spki(ctKeys))] : [],
    }
    return new Sigstore(server, JSON.stringify(TrustedRoot.toJSON(root)))
  }

  private get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** A statement signed by a workflow, as a bundle. */
  async sign(statement: object, workflow: Workflow, witness: 'log' | 'time stamp' = 'log'): Promise<string> {
    const builder = new DSSEBundleBuilder({
      signer: new FulcioSigner({
        fulcioBaseURL: this.url,
        identityProvider: { getToken: async () => token(workflow) },
      }),
      witnesses: [
        witness === 'log'
          ? new RekorWitness({ rekorBaseURL: this.url, entryType: 'intoto' })
          : new TSAWitness({ tsaBaseURL: this.url }),
      ],
    })
    const data = Buffer.from(JSON.stringify(statement))
    const bundle = await builder.create({ data, type: 'application/vnd.in-toto+json' })
    const { bundleToJSON } = await import('@sigstore/bundle')
    return JSON.stringify(bundleToJSON(bundle))
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}
