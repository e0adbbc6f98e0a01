import { basename, extname } from 'node:path'
import { formatSource, type Problem, type Source } from '@agent-ci/core/errors'
import { nearestName } from '@agent-ci/core/nearest'
import type { DatasetBuilder } from './dataset-builder.ts'
import type { ExampleFields, UnknownKey } from './example-fields.ts'
import { quoteText, type Refuse } from './field-check.ts'
import type { RawExample, Report } from './raw-example.ts'

/** How many problems of a file are shown. */
const MOST_PROBLEMS = 20
/** How many unknown keys of a file are warned of. */
const MOST_WARNINGS = 20
const IDS = 'Give each example an "id" of its own'

interface Target {
  readonly builder: DatasetBuilder
  readonly fields: ExampleFields
  readonly warn: (message: string) => void
}

/** Takes the examples of one file into a dataset: checks them, gives them ids where the file has none, and gathers the problems. */
export class FileExamples {
  private readonly file: string
  private readonly fileIndex: number
  private readonly target: Target
  private readonly warned = new Set<string>()
  private readonly problems: Problem[] = []
  private problemCount = 0
  private count = 0
  /** Where the first example without an id is, while no example of the file had one. */
  private firstUnnamed: Source | undefined
  private named = false

  constructor(file: string, fileIndex: number, target: Target) {
    this.file = file
    this.fileIndex = fileIndex
    this.target = target
  }

  readonly report: Report = (describe) => {
    if (++this.problemCount <= MOST_PROBLEMS) this.problems.push(describe())
  }

  add(raw: RawExample): void {
    this.count++
    const file = raw.file ?? this.file
    const at = (line: number): Source => ({ file, line })
    const refuse: Refuse = (path, what, why, mend) =>
      this.report(() => ({ what, why, mend, source: at(raw.lineOf(path)) }))
    const unknownKey: UnknownKey = (path, of, known) => {
      const key = String(path.at(-1))
      if (this.warned.size > MOST_WARNINGS || this.warned.has(key)) return
      this.warned.add(key)
      this.warnOf(key, at(raw.lineOf(path)), of, known)
    }
    const draft = this.target.fields.read(raw.value, refuse, unknownKey)
    if (!draft) return
    const ownId = draft.id !== ''
    draft.id = this.identify(draft.id, at(raw.line))
    const earlier = this.target.builder.add(
      draft,
      raw.file === undefined ? this.fileIndex : this.target.builder.indexOf(file),
      raw.line,
    )
    if (!earlier) return
    this.report(() => ({
      what: `The id ${quoteText(draft.id)} is already at ${formatSource(earlier)}`,
      why: 'Expected ids that are unique in all files of the dataset: results are paired by them',
      mend: ownId ? 'Give one of the two another id' : IDS,
      source: at(raw.lineOf(['id'])),
    }))
  }

  /** What is wrong with the file: the first problems, and how many more there are. */
  finish(): readonly Problem[] {
    if (this.problemCount === 0 && this.count === 0) {
      this.report(() => ({
        what: `${this.file} has no examples`,
        why: 'Expected at least one: a run over nothing would prove nothing',
        mend: 'Write examples into it, or leave the file out of the dataset',
        source: { file: this.file, line: 1 },
      }))
    }
    if (this.problemCount === 0 && this.firstUnnamed) {
      this.target.warn(
        `The examples of ${this.file} have no ids, so they are called ${this.numberedId(1)} … ${this.numberedId(this.count)}; with ids of their own they stay comparable when others are added before them`,
      )
    }
    const more = this.problemCount - this.problems.length
    this.problems.sort((a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0))
    if (more === 0) return this.problems
    const what = `There ${more === 1 ? 'is 1 more problem' : `are ${more} more problems`} in ${this.file}`
    const why = `Only the first ${MOST_PROBLEMS} of a file are shown`
    return [...this.problems, { what, why, mend: 'Mend these and try again' }]
  }

  /** By position, not line: the same examples get the same ids in every format. */
  private numberedId(ordinal: number): string {
    return `${basename(this.file, extname(this.file))}-${ordinal}`
  }

  private identify(id: string, source: Source): string {
    const why = 'Expected ids for all examples of a file, or for none'
    if (id === '') {
      if (this.named) this.report(() => ({ what: 'The example has no id', why, mend: IDS, source }))
      else this.firstUnnamed ??= source
      return this.numberedId(this.count)
    }
    const unnamed = this.firstUnnamed
    if (unnamed) {
      const what = `The example has no id, while the one at ${formatSource(source)} has`
      this.report(() => ({ what, why, mend: IDS, source: unnamed }))
      this.firstUnnamed = undefined
    }
    this.named = true
    return id
  }

  private warnOf(key: string, source: Source, of: string, known: readonly string[]): void {
    if (this.warned.size > MOST_WARNINGS) {
      this.target.warn(`Further unknown keys in ${this.file} are not listed`)
      return
    }
    const near = nearestName(key, known)
    const advice = near === undefined ? `known: ${known.join(', ')}` : `did you mean ${quoteText(near)}?`
    this.target.warn(`${quoteText(key)} at ${formatSource(source)} is not a key of ${of}; ${advice}`)
  }
}
