/** Types of promptfoo's assertions that agent-ci can't judge: why, and what to do instead. */
export const NOT_JUDGED: Readonly<Record<string, { readonly why: string; readonly mend: string }>> = (() => {
  const service = {
    why: 'It asks a service of promptfoo or of another vendor',
    mend: 'Write a judge scorer, or a command scorer that asks the service',
  }
  const spans = {
    why: 'It reads the spans of a trace, and agent-ci sees tool calls',
    mend: 'Write trajectory:tool-used or trajectory:step-count',
  }
  const outputs = {
    why: 'It compares the outputs of several prompts or providers',
    mend: 'Run agent-ci once each and compare with a baseline',
  }
  const logProbs = { why: "It reads log probabilities, which agents' replies do not carry", mend: 'Leave it out' }
  const tools = {
    why: 'It grades with a model that has tools of its own',
    mend: 'Write llm-rubric, or a command scorer',
  }
  return {
    ...Object.fromEntries(['classifier', 'moderation', 'guardrails', 'pi'].map((type) => [type, service])),
    ...Object.fromEntries(
      ['trace-error-spans', 'trace-span-count', 'trace-span-duration'].map((type) => [type, spans]),
    ),
    ...Object.fromEntries(['select-best', 'max-score'].map((type) => [type, outputs])),
    ...Object.fromEntries(['perplexity', 'perplexity-score'].map((type) => [type, logProbs])),
    ...Object.fromEntries(['agent-rubric', 'search-rubric'].map((type) => [type, tools])),
    'conversation-relevance': {
      why: 'It judges windows of a conversation',
      mend: 'Write llm-rubric over the whole conversation',
    },
    'finish-reason': {
      why: "Agents' replies do not say why the model stopped",
      mend: 'Have the agent report it in its output, and write javascript',
    },
    'skill-used': { why: 'It reads what a provider of promptfoo says of skills', mend: 'Write trajectory:tool-used' },
    human: { why: 'A person grades it', mend: 'Write llm-rubric' },
    ruby: { why: 'agent-ci runs JavaScript and Python', mend: 'Write a command scorer: ["ruby", "assert.rb"]' },
  }
})()

const REDTEAM = { why: 'It is one of the attacks of promptfoo redteam', mend: 'Keep promptfoo for red teaming' }

/** Why a type (without `not-`) can't be judged; undefined where it can, or where nobody knows it. */
export const notJudged = (base: string): { readonly why: string; readonly mend: string } | undefined =>
  base.startsWith('promptfoo:redteam:') ? REDTEAM : Object.hasOwn(NOT_JUDGED, base) ? NOT_JUDGED[base] : undefined

const of = (family: string, types: string): Record<string, string> =>
  Object.fromEntries(types.split(' ').map((type) => [type, family]))

/** The family whose code judges a type. */
export const FAMILIES: Readonly<Record<string, string>> = {
  ...of(
    'text',
    'equals contains icontains contains-any contains-all icontains-any icontains-all starts-with regex word-count',
  ),
  ...of('refusal', 'is-refusal'),
  ...of('json', 'is-json contains-json'),
  ...of('html', 'is-html contains-html'),
  ...of('xml', 'is-xml contains-xml'),
  ...of('sql', 'is-sql contains-sql'),
  ...of('metrics', 'levenshtein rouge-n bleu gleu'),
  ...of('meteor', 'meteor'),
  ...of('script', 'javascript python'),
  ...of('webhook', 'webhook'),
  ...of('usage', 'latency cost'),
  ...of('calls', 'tool-call-f1 is-valid-openai-tools-call is-valid-openai-function-call is-valid-function-call'),
  ...of('trajectory', 'trajectory:tool-used trajectory:tool-args-match trajectory:tool-sequence trajectory:step-count'),
  ...of(
    'graded',
    'llm-rubric g-eval factuality model-graded-factuality model-graded-closedqa answer-relevance context-faithfulness context-relevance context-recall trajectory:goal-success similar similar:cosine similar:dot similar:euclidean',
  ),
}
