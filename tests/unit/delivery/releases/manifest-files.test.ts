import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readManifestFiles } from '@agent-ci/delivery/releases/manifest-files'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agent-ci-'))
  await mkdir(join(cwd, 'k8s/staging'), { recursive: true })
})
afterEach(() => rm(cwd, { recursive: true }))

const put = (path: string, body: string | Uint8Array) => writeFile(join(cwd, path), body)

describe('the files of the manifests input', () => {
  test('are those of a directory by name, but not those inside its directories; each once', async () => {
    await put('k8s/b.yml', 'b')
    await put('k8s/a.yaml', '\ufeffa')
    await put('k8s/c.json', 'c')
    await put('k8s/README.md', 'no')
    await put('k8s/staging/d.yaml', 'no')
    expect(await readManifestFiles(['k8s/c.json', 'k8s', './k8s/'], cwd)).toEqual([
      { path: 'k8s/c.json', text: 'c' },
      { path: 'k8s/a.yaml', text: 'a' },
      { path: 'k8s/b.yml', text: 'b' },
    ])
  })

  test.each([
    [
      'nothing there',
      'none',
      'none does not exist. Expected a file or a directory of manifests. Check the manifests input.',
    ],
    [
      'a directory without manifests',
      'k8s/staging',
      'k8s/staging has no manifests. Expected files ending in .yaml, .yml or .json; directories inside it are not searched. Name the directory that holds them, or the files.',
    ],
  ])('%s is refused', async (_, path, message) => {
    await expect(readManifestFiles([path], cwd)).rejects.toThrow(expect.objectContaining({ message }))
  })

  test.each([
    [
      'kustomization.yaml',
      'k8s/kustomization.yaml is input of kustomize. Only finished manifests can be applied. Write kubectl kustomize k8s > manifests.yaml before this step and give that file.',
    ],
    [
      'Chart.yaml',
      'k8s/Chart.yaml is a Helm chart. Only finished manifests can be applied. Write helm template k8s > manifests.yaml before this step and give that file.',
    ],
  ])('%s is refused with the way to render it', async (file, message) => {
    await put(`k8s/${file}`, 'resources: []')
    await expect(readManifestFiles(['k8s'], cwd)).rejects.toThrow(
      expect.objectContaining({ message: `k8s/${file}:1: ${message}` }),
    )
  })

  test('a file in another encoding or of a size that no manifest has is refused, both at once', async () => {
    await put('k8s/a.yaml', new Uint8Array([0xff, 0xfe, 0x41]))
    await put('k8s/b.yaml', ' '.repeat(8 * 1024 * 1024 + 1))
    await expect(readManifestFiles(['k8s'], cwd)).rejects.toThrow(
      expect.objectContaining({
        message: [
          'k8s/a.yaml:1: k8s/a.yaml is not UTF-8. Manifests are texts in UTF-8. Save the file in that encoding.',
          'k8s/b.yaml:1: k8s/b.yaml has 8388609 bytes. A file of manifests has at most 8 MiB. Split the file.',
        ].join('\n'),
      }),
    )
  })
})
