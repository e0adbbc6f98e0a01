import { givenInputs } from '@agent-ci/action-eval-gate/given-inputs'
import { describe, expect, test } from '@jest/globals'

const given = (inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  givenInputs(Object.keys(inputs), (name) => inputs[name] ?? '', env, [
    'exact',
    { type: 'contains', value: 'refund' },
  ] as never)

describe('what a run was given, as its results keep it', () => {
  test('is what was given, and not what stands elsewhere in the results or changes no measurement', () => {
    const elsewhere = { config: 'a.yaml', dataset: 'golden', model: 'm', repeats: '3', seed: '1', shard: '1/2' }
    const ways = {
      resume: 'never',
      annotations: 'false',
      'artifact-name': 'none',
      'plan-only': 'true',
      merge: 'shards',
    }
    expect(given({ ...elsewhere, ...ways, agent: 'command:node agent.mjs', 'min-accuracy': ' 0.9 ' })).toEqual({
      agent: 'command:node agent.mjs',
      'min-accuracy': '0.9',
    })
    expect(given({})).toEqual({})
  })

  test('is in one line each, and means the same', () => {
    expect(
      given({
        gates: 'accuracy >= 0.9\n\ntool_accuracy >= 0.8\n',
        scorers: '- exact\n- type: contains\n  value: refund',
      }),
    ).toEqual({
      gates: 'accuracy >= 0.9, tool_accuracy >= 0.8',
      scorers: '["exact",{"type":"contains","value":"refund"}]',
    })
  })

  test("has no secret: neither of an agent's address nor of the environment", () => {
    expect(given({ agent: 'https://user:pass-word@agents.example/run?token=abc' })).toEqual({
      agent: 'https://agents.example/run',
    })
    expect(given({ agent: 'command:node agent.mjs --key sk-0123456789' }, { MODEL_API_KEY: 'sk-0123456789' })).toEqual({
      agent: 'command:node agent.mjs --key $MODEL_API_KEY',
    })
    expect(given({ stop: 'never' }, { EMPTY_KEY: '', SHORT_TOKEN: 'never' })).toEqual({ stop: 'never' })
  })
})
