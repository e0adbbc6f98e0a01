import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly certificatePath: string
  readonly keyPath: string
}

/** A certificate authority for one control plane, made with openssl; every file lies in one directory. */
export class CertificateAuthority {
  readonly certificatePath: string
  readonly #keyPath: string
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    this.certificatePath = join(directory, 'ca.crt')
    this.#keyPath = writePrivateKey(join(directory, 'ca.key'))
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      this.#keyPath,
      '-out',
      this.certificatePath,
      ...VALIDITY,
      '-subj',
      '/CN=test-ca',
    )
  }

  /** A certificate that identifies 127.0.0.1 and localhost to clients. */
  server(name: string): Certificate {
    return this.#sign(name, `/CN=${name}`, 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth')
  }

  /** A certificate that identifies a user of the API, a member of `groups`. */
  client(user: string, ...groups: readonly string[]): Certificate {
    const subject = [`/CN=${user}`, ...groups.map((group) => `/O=${group}`)].join('')
    return this.#sign(user.replaceAll(':', '-'), subject, 'extendedKeyUsage=clientAuth')
  }

  #sign(name: string, subject: string, extensions: string): Certificate {
    const certificatePath = join(this.#directory, `${name}.crt`)
    const keyPath = writePrivateKey(join(this.#directory, `${name}.key`))
    const requestPath = join(this.#directory, `${name}.csr`)
    const extensionsPath = join(this.#directory, `${name}.ext`)
    writeFileSync(extensionsPath, extensions)
    openssl('req', '-new', '-key', keyPath, '-out', requestPath, '-subj', subject)
    const issuer = ['-CA', this.certificatePath, '-CAkey', this.#keyPath, '-CAcreateserial']
    openssl(
      'x509',
      '-req',
      '-in',
      requestPath,
      '-out',
      certificatePath,
      ...issuer,
      ...VALIDITY,
      '-extfile',
      extensionsPath,
    )
    return { certificatePath, keyPath }
  }
}

const VALIDITY = ['-days', '2']

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Writes a new private key to `path` (P-256, in SEC 1 PEM, which Kubernetes and openssl both read) and returns the path. */
export function writePrivateKey(path: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(path, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  return path
}
