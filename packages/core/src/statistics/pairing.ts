/** What is needed to tell that two runs asked the same thing. */
export interface Identified {
  readonly id: string
  /** The digest of the example's content. */
  readonly digest: string
}

export interface Pairing<Base, Candidate> {
  /** In the candidate's order. */
  readonly pairs: readonly { readonly base: Base; readonly candidate: Candidate }[]
  /** Ids whose content differs: not comparable. */
  readonly changed: readonly string[]
  readonly onlyBase: readonly string[]
  readonly onlyCandidate: readonly string[]
}

/** Matches the examples of two runs by id and content; what does not match is listed, never compared. */
export function pairExamples<Base extends Identified, Candidate extends Identified>(
  base: Iterable<Base>,
  candidate: Iterable<Candidate>,
): Pairing<Base, Candidate> {
  const left = new Map([...base].map((example) => [example.id, example]))
  const pairs: { base: Base; candidate: Candidate }[] = []
  const changed: string[] = []
  const onlyCandidate: string[] = []
  for (const example of candidate) {
    const before = left.get(example.id)
    left.delete(example.id)
    if (!before) onlyCandidate.push(example.id)
    else if (before.digest !== example.digest) changed.push(example.id)
    else pairs.push({ base: before, candidate: example })
  }
  return { pairs, changed, onlyBase: [...left.keys()], onlyCandidate }
}
