import { buildRelease } from '@agent-ci/delivery/releases/build-release'
import { describe, expect, test } from '@jest/globals'
import { AGENT_CONFIG, deployment, GUIDE, guideFile, withAgentConfig, withManifest } from './guide.ts'

const SONNET = { primary: 'claude-sonnet-4-20250514', fallback: 'claude-haiku-3', temperature: 0.7, max_tokens: 4096 }
const messages = (findings: readonly { message: string; source?: { line: number } }[]) =>
  findings.map(({ message, source }) => `${source?.line}: ${message}`)

describe('the model and the prompt version of a release', () => {
  test("are those of the guide's ConfigMap", async () => {
    const { release, findings } = await buildRelease(GUIDE)
    expect(release.model).toEqual(SONNET)
    expect(release.prompt_version).toBe('v2.3.1')
    expect(findings).toEqual([])
  })

  test('come from agent-config before that, and what disagrees is named', async () => {
    const config = guideFile(AGENT_CONFIG).replace('claude-sonnet-4-20250514', 'claude-opus-5')
    const { release, findings } = await buildRelease({ ...GUIDE, ...withAgentConfig(config) })
    expect(release.model).toEqual({ ...SONNET, primary: 'claude-opus-5' })
    expect(release.prompt_version).toBe('v20251215120000')
    expect(messages(findings.filter(({ level }) => level === 'warning'))).toEqual([
      "70: model-config of ConfigMap agent-config names the model claude-sonnet-4-20250514, and config/production.yaml names claude-opus-5, which counts as the release's. Make them agree",
      "69: prompt-version of ConfigMap agent-config names the prompt version v2.3.1, and config/production.yaml names v20251215120000, which counts as the release's. Make them agree",
    ])
  })

  test('set MODEL_VERSION and PROMPT_VERSION where the template writes them out', async () => {
    const text = deployment(`          env:
            - {name: MODEL_VERSION, value: old}
            - {name: PROMPT_VERSION, value: v1}
            - {name: OTHER, value: old}
`)
    const { release, objects, findings } = await buildRelease({
      ...GUIDE,
      ...withAgentConfig(),
      manifests: [{ path: 'a.yaml', text }],
    })
    expect(objects.deployments[0]).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                env: [
                  { name: 'AGENT_CI_RELEASE', value: release.id },
                  { name: 'MODEL_VERSION', value: 'claude-sonnet-4-20250514' },
                  { name: 'PROMPT_VERSION', value: 'v20251215120000' },
                  { name: 'OTHER', value: 'old' },
                ],
              },
            ],
          },
        },
      },
    })
    expect(findings.filter(({ level }) => level === 'warning')).toEqual([])
  })

  test('are those of the variables where nothing else says them, also through a ConfigMap', async () => {
    const text = `${deployment(`          env:
            - {name: MODEL_VERSION, valueFrom: {configMapKeyRef: {name: c, key: model}}}
            - {name: PROMPT_VERSION, value: v1}
`)}---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {model: claude-haiku-3}
`
    const { release } = await buildRelease({ ...GUIDE, manifests: [{ path: 'a.yaml', text }] })
    expect(release.model).toEqual({ primary: 'claude-haiku-3', fallback: null, temperature: null, max_tokens: null })
    expect(release.prompt_version).toBe('v1')
  })

  test('are unknown where nothing says them', async () => {
    const { release } = await buildRelease({ ...GUIDE, manifests: [{ path: 'a.yaml', text: deployment('') }] })
    expect(release).toMatchObject({ model: null, prompt_version: null })
  })

  test('a MODEL_VERSION that the ConfigMap contradicts stays and is named', async () => {
    const inputs = withManifest((text) => text.replace('value: "claude-sonnet-4-20250514"', 'value: claude-haiku-3'))
    const { release, findings } = await buildRelease(inputs)
    expect(release.model).toEqual(SONNET)
    expect(messages(findings)).toEqual([
      "37: MODEL_VERSION names the model claude-haiku-3, and model-config of ConfigMap agent-config names claude-sonnet-4-20250514, which counts as the release's. Make them agree",
    ])
  })

  test.each(['{', '[]', '{"primary_model": 7}'])('a model-config of %s tells no model', async (json) => {
    const { release, findings } = await buildRelease(
      withManifest((text) => text.replace(/model-config: \|[\s\S]*/, `model-config: '${json}'\n`)),
    )
    expect(release.model?.fallback).toBeNull()
    expect(messages(findings)).toEqual([
      '70: model-config of ConfigMap agent-config is not JSON with a primary_model, so it does not tell the model',
    ])
  })
})
