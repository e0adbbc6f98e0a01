/** The mark of a choice as Inspect numbers them: A … Z, then 1, 2 … */
export const choiceMark = (index: number): string =>
  index < 26 ? String.fromCharCode(0x41 + index) : String(index - 25)

/** A question and its choices as Inspect's `multiple_choice` solver asks them. */
export function askChoices(question: string, choices: readonly string[], several: boolean): string {
  const marks = choices.map((_, i) => choiceMark(i)).join(',')
  const listed = choices.map((choice, i) => `${choiceMark(i)}) ${choice}`).join('\n')
  const [where, form, what] = several
    ? [' where multiple answers may be correct', "'ANSWER: $LETTERS'", 'LETTERS is one or more of']
    : ['', "'ANSWER: $LETTER'", 'LETTER is one of']
  return `Answer the following multiple choice question${where}. The entire content of your response should be of the following format: ${form} (without quotes) where ${what} ${marks}.\n\n${question}\n\n${listed}`
}

/** The marks in a target: `A`, `AB`, `A, B`, `A B`, `12`. */
export const marksIn = (target: string): readonly string[] =>
  target
    .replaceAll(',', ' ')
    .split(/\s+/)
    .filter((token) => token !== '')
    .flatMap((token) => (/^\d+$/.test(token) ? [token] : [...token.toUpperCase()]))

const ANY = String.raw`ANSWER\s*:\s*[A-Za-z\d ,*$()]+`

/** A pattern (flags `im`) for answers that name exactly these marks, on the last line that answers, as Inspect reads them. */
export function answerPattern(marks: readonly string[]): string {
  const wrapped = (inner: string): string => String.raw`(?:\*\*|\$|\()?\s*${inner}\s*(?:\*\*|\$|\))?`
  const [first = ''] = marks
  const each = marks.map((mark) => `(?=(?:[${marks.join('')} ,]|\\sand\\s)*${mark}(?!nd))`).join('')
  const named =
    marks.length === 1
      ? `[ ,]*${wrapped(first)}[ ,]*`
      : wrapped(`${each}[${marks.join('')}](?:[${marks.join('')} ,]|\\sand\\s)*`)
  return String.raw`ANSWER\s*:\s*${named}[ ,]*(?![\w ,])(?![\s\S]*${ANY})`
}
