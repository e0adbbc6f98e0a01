import type { Message } from './problems.ts'
import type { Trouble } from './troubles.ts'
import { saysSomething } from './wording.ts'

/** Where one meets the messages of which files; the first that fits. */
const GROUPS: readonly (readonly [title: string, path: RegExp])[] = [
  ['Inputs and configuration', /^packages\/core\/src\/(?:config|quantities|gate|proxy)/],
  ['The command line', /^packages\/cli\//],
  ['Datasets', /^(?:packages\/evaluation\/src\/(?:datasets|langsmith)|actions\/eval-gate\/src\/(?:golden|dataset-))/],
  ['Agents', /^packages\/evaluation\/src\/agents/],
  ['Scorers', /^packages\/evaluation\/src\/(?:scorers|embeddings)/],
  ['Evaluations and their parts', /^(?:packages\/evaluation\/|actions\/eval-gate\/)/],
  ['The gateway', /^(?:packages\/gateway|actions\/llm-gateway)\//],
  ['Prompts', /^(?:packages\/prompts|actions\/prompt-regression)\//],
  ['Nights', /^(?:packages\/core\/src\/nightly|packages\/github\/src\/history|actions\/nightly-eval)/],
  ['Comments', /^actions\/pr-comment\//],
  ['Alerts and telemetry', /^packages\/notify\//],
  ['Receipts', /\/(?:receipts|attestation|proof)\.ts$/],
  ['Manifests and releases', /^packages\/delivery\/src\/releases/],
  [
    'Prometheus and metrics',
    /^(?:packages\/delivery\/src\/analysis|actions\/canary-deploy\/src\/(?:watch-plan|scraped))/,
  ],
  ['Traffic', /^packages\/delivery\/src\/traffic/],
  ['Deploys and rollbacks', /^(?:packages\/delivery|actions\/(?:canary-deploy|rollback))\//],
]

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

/** Words in code where they are so already, and without a meaning in Markdown elsewhere. */
const prose = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll(/[\\<>*_[\]|#~]/g, '\\$&')))
    .join('')

const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)
const unique = (texts: readonly string[]): string[] => [...new Set(texts)]
/** By their words, not by the quotes and names that they may begin with. */
const sortKey = (text: string): string =>
  text
    .replaceAll(/<[^<>]*>|[^\p{L}\p{N} ]/gu, '')
    .trim()
    .toLowerCase()
const byWords = (a: string, b: string): number =>
  sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : a < b ? -1 : 1

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

/** The words to search for: where the first part is another program's, the second is ours. */
const headingOf = ({ what, why }: Message): string => (saysSomething(what) ? what : `${what}. ${sentence(why)}`)

const linkTo = (file: string): string => `[${file}](../${file})`

/** One message, with what it may say of its cause, and of each what to write. */
function entry(heading: string, messages: readonly Message[]): string[] {
  const answers = [...grouped(messages, ({ why }) => why)].map(([why, of]) => ({
    why,
    mends: unique(of.map(({ mend }) => mend)),
  }))
  const byMends = [...grouped(answers, ({ mends }) => mends.join('\n')).values()]
  return [
    `### ${code(heading)}`,
    '',
    ...byMends.map((same) => {
      const whys = same.map(({ why }) => sentence(prose(why))).join(' / ')
      return `- ${whys} **${same[0]!.mends.map((mend) => sentence(prose(mend))).join(' / ')}**`
    }),
    '',
    unique(messages.map(({ file }) => file))
      .map(linkTo)
      .join(', '),
    '',
  ]
}

const INTRODUCTION = `# The messages

Every message that you can do something about, by the place where you meet it. Search this page for the words that you see. Generated from the
sources by \`npm run docs\`; for what has several causes, and shows no message at all, see [troubleshooting.md](troubleshooting.md).

A message is printed on one line, in three parts: what was found, why it is refused, and what to write to change it. Where it is about a
file of yours, \`file:line\` stands before it. Here the first part is the heading, the second follows, and the third is in bold; \`<words>\` in
angle brackets stand for what is known only when it runs, \`<input>\` for the name of an input or a key of \`agent-ci.yaml\`. A slash
separates what one message may say. Where *Did you mean* finds no name that is near, the known ones are listed in its place. All problems that are
found at once are told at once, one a line, before an agent or a model is called.
`

/** The whole page. */
export function messagesPage(messages: readonly Message[], troubles: readonly Trouble[]): string {
  const groups = grouped(messages, ({ file }) => {
    const group = GROUPS.find(([, path]) => path.test(file))
    if (!group) throw new Error(`tools/messages/page.ts has no group for ${file}`)
    return group[0]
  })
  const titles = GROUPS.map(([title]) => title).filter((title) => groups.has(title))
  const count = (title: string) => grouped(groups.get(title)!, headingOf).size
  return [
    INTRODUCTION,
    ...titles.map((title) => `- [${title}](#${slug(title)}): ${count(title)}`),
    `- [What is not your mistake](#what-is-not-your-mistake): ${troubles.reduce((sum, { texts }) => sum + texts.length, 0)}`,
    '',
    ...titles.flatMap((title) => [
      `## ${title}`,
      '',
      ...[...grouped(groups.get(title)!, headingOf)]
        .toSorted(([a], [b]) => byWords(a, b))
        .flatMap(([heading, of]) => entry(heading, of)),
    ]),
    '## What is not your mistake',
    '',
    'Trouble of a server, a process or another run. It is never counted as a wrong answer, and never as a pass.',
    '',
    ...troubles.flatMap(({ title, cause, cure, texts, files }) => [
      `### ${title}`,
      '',
      `${cause} **${cure}**`,
      '',
      ...texts.toSorted(byWords).map((text) => `- ${code(text)}`),
      '',
      files.map(linkTo).join(', '),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}
