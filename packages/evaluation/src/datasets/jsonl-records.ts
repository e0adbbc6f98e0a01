import { type ByteWindow, MOST_BYTES } from './byte-window.ts'
import { parseJson } from './json-text.ts'
import type { RawExample, Report } from './raw-example.ts'

const LINE_FEED = 0x0a

/** The lines of a file, without their line feeds. */
function* readLines(window: ByteWindow): Generator<{ readonly text: string; readonly line: number }> {
  let at = 0
  let searched = 0
  for (let line = 1; ; ) {
    const view = window.bytes.subarray(0, window.end)
    for (let feed = view.indexOf(LINE_FEED, searched); feed >= 0; feed = view.indexOf(LINE_FEED, at)) {
      yield { text: view.toString('utf8', at, feed), line: line++ }
      at = feed + 1
    }
    searched = view.length - at
    const slid = window.slide(at)
    at = 0
    if (slid === 'end') {
      if (window.end > 0) yield { text: window.bytes.toString('utf8', 0, window.end), line }
      return
    }
    if (slid === 'full') {
      window.refuse(line, {
        what: `The line is longer than ${MOST_BYTES / 2 ** 20} MiB`,
        why: 'Expected one example a line',
        mend: 'Write a line break after each example, or name the file .json if it is one JSON document',
      })
    }
  }
}

/** Reads JSON Lines: one object a line, blank lines left out. */
export function* readJsonl(window: ByteWindow, report: Report): Generator<RawExample> {
  for (const { text, line } of readLines(window)) {
    if (text.trim() === '') continue
    const parsed = parseJson(text)
    if ('value' in parsed) {
      yield { value: parsed.value, line, lineOf: () => line }
      continue
    }
    const { offset, why, isComment } = parsed.fault
    report(() => ({
      what: `The line is not JSON at column ${offset + 1}`,
      why,
      mend: isComment
        ? 'Remove the comment, or keep the dataset as YAML, which has comments'
        : 'Write one JSON object a line, or name the file .json if it is one JSON document',
      source: { file: window.file, line },
    }))
  }
}
