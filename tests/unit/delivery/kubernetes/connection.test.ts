import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@agent-ci/delivery/kubernetes/connection'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agent-ci-kubeconfig-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const open = (kubeconfig: string, env: Record<string, string> = {}) =>
  connect({ kubeconfig, cwd, env: { HOME: cwd, ...env }, now: () => 0 })

const SECRET = 'sha256~do-not-repeat-me'
const config = (user: object = { token: SECRET }, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'prod',
  clusters: [{ name: 'prod', cluster: { server: 'https://api.example:6443' } }],
  users: [{ name: 'ci', user }],
  contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'ci', namespace: 'agents' } }],
  ...more,
})

/** The message of what is thrown. */
function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('a kubeconfig', () => {
  test('is read as a text of many lines, of one line, and as a file', () => {
    const text = JSON.stringify(config())
    writeFileSync(join(cwd, 'kubeconfig'), text)
    for (const given of [text, JSON.stringify(config(), null, 2), 'kubeconfig', join(cwd, 'kubeconfig')]) {
      const { server, user, namespace } = open(given)
      expect([server.href, user, namespace]).toEqual(['https://api.example:6443/', 'ci', 'agents'])
    }
  })

  test('sends its token', async () => {
    const { headers } = await open(JSON.stringify(config())).credentials()
    expect(headers).toEqual({ Authorization: `Bearer ${SECRET}` })
  })

  test('sends the token of its token file, which lies beside it, over another one', async () => {
    writeFileSync(join(cwd, 'kubeconfig'), JSON.stringify(config({ token: 'of the day before', tokenFile: 'token' })))
    writeFileSync(join(cwd, 'token'), `${SECRET}\n`)
    const { headers } = await open('kubeconfig').credentials()
    expect(headers).toEqual({ Authorization: `Bearer ${SECRET}` })
  })

  test('whose token file is not there says so', async () => {
    const credentials = open(JSON.stringify(config({ tokenFile: 'token' }))).credentials()
    await expect(credentials).rejects.toThrow(
      /^The credentials for api\.example:6443 could not be loaded: Error: ENOENT.*token/,
    )
  })

  test('that names no cluster is refused', () => {
    expect(refusalOf(() => open(JSON.stringify(config({}, { 'current-context': 'staging' }))))).toBe(
      'The kubeconfig names no cluster for its context "staging". There is no API server to talk to. Set current-context to one of its contexts, and a server for its cluster.',
    )
  })

  test('whose file is not there is refused', () => {
    expect(refusalOf(() => open('kube/config'))).toBe(
      'kubeconfig is a text of 11 characters that is neither a kubeconfig nor the path of a file. Expected one of them; the text is not shown here, for it may be a secret. Give the secret that holds your kubeconfig, or the path of its file.',
    )
  })

  test('that cannot be opened is refused with the reason', () => {
    expect(refusalOf(() => open(cwd))).toContain('cannot be read: EISDIR')
  })

  test('nowhere at all is refused with where it was looked for', () => {
    expect(refusalOf(() => open(''))).toMatch(/^There is no kubeconfig\. Neither the input kubeconfig, nor KUBECONFIG/)
  })
})

describe('no word of a kubeconfig is repeated', () => {
  const broken = (text: string) => `${text.slice(0, -20)} : [ ${SECRET}`

  test.each<[string, () => string]>([
    ['a text of many lines', () => broken(JSON.stringify(config(), null, 2))],
    ['a text of one line', () => broken(JSON.stringify(config()))],
    [
      'a file',
      () => {
        writeFileSync(join(cwd, 'broken'), `users:\n- name: ci\n  user: {token: ${SECRET}\n`)
        return 'broken'
      },
    ],
  ])('when it cannot be parsed: %s', (_, make) => {
    const kubeconfig = make()
    const message = refusalOf(() => open(kubeconfig))
    expect(message).toContain('cannot be read')
    expect(message).not.toContain(SECRET)
    expect(message).not.toContain('token')
  })

  test('when it comes in base64, as it often does from a secret', () => {
    const encoded = Buffer.from(JSON.stringify(config())).toString('base64')
    const message = refusalOf(() => open(encoded))
    expect(message).toBe(
      'kubeconfig is a kubeconfig in base64. Expected its text, or the path of its file. Decode it in the step before: base64 -d > "$RUNNER_TEMP/kubeconfig".',
    )
  })

  test('when it is a token by mistake', () => {
    const message = refusalOf(() =>
      open('eyJhbGciOiJSUzI1NiIsImtpZCI6IkFCQyJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl'),
    )
    expect(message).toMatch(
      /^kubeconfig is a text of 77 characters that is neither a kubeconfig nor the path of a file\./,
    )
    expect(message).not.toContain('eyJ')
  })
})
