import { isJsonObject, type Json } from '@agent-ci/core/json'
import { type CheckDeps, type MakeCheck, Malformed, verdictOf } from './finding.ts'
import { workspaceLibrary } from './workspace-library.ts'

interface SqlParser {
  astify(sql: string, options: { readonly database: string }): unknown
  whiteListCheck(
    sql: string,
    list: readonly string[],
    options: { readonly database: string; readonly type: string },
  ): unknown
}

interface SqlRules {
  readonly database: string
  readonly tables: readonly string[] | undefined
  readonly columns: readonly string[] | undefined
}

const MODIFIERS = 'all|distinct'
const MYSQL_MODIFIERS = `${MODIFIERS}|distinctrow|high_priority|straight_join|sql_(?:big_result|buffer_result|cache|calc_found_rows|no_cache|small_result)`
const MYSQL_FAMILY = ['MySQL', 'MariaDB']

/** `select a b from`, which the parser takes for an alias: more likely a comma is missing. */
function missingComma(database: string): RegExp {
  const modifiers = MYSQL_FAMILY.includes(database) ? MYSQL_MODIFIERS : MODIFIERS
  return new RegExp(
    `\\bselect\\s+(?:(?:${modifiers})\\s+)*(?!(?:${modifiers})\\b)[A-Z_]\\w*\\s+[A-Z_]\\w*\\s+from\\b`,
    'i',
  )
}

/** Quoted texts become `?`, comments white space, so that neither is taken for SQL. */
function withoutQuotes(sql: string, database: string): string {
  const brackets = ['TransactSQL', 'Sqlite'].includes(database) ? '|\\[(?:\\]\\]|[^\\]])*(?:\\]|$)' : ''
  const quoted = `'(?:\\\\[\\s\\S]|''|[^'\\\\])*(?:'|$)|"(?:\\\\[\\s\\S]|""|[^"\\\\])*(?:"|$)|\`(?:\\\\[\\s\\S]|\`\`|[^\`\\\\])*(?:\`|$)${brackets}|(?<dollar>\\$(?:[A-Z_]\\w*)?\\$)[\\s\\S]*?(?:\\k<dollar>|$)`
  const comment = '--[^\\r\\n]*|#[^\\r\\n]*|/\\*[\\s\\S]*?(?:\\*/|$)'
  return sql.replaceAll(new RegExp(`(?<quoted>${quoted})|${comment}`, 'gi'), (...match) =>
    (match.at(-1) as { quoted?: string }).quoted === undefined ? ' ' : ' ? ',
  )
}

function rulesOf(value: Json | undefined): SqlRules {
  if (value === undefined || value === null) return { database: 'MySQL', tables: undefined, columns: undefined }
  if (!isJsonObject(value))
    throw new Malformed('Its value is no object', 'Write {databaseType, allowedTables, allowedColumns}')
  const list = (key: string) => {
    const given = value[key]
    if (given === undefined) return undefined
    if (Array.isArray(given) && given.every((item) => typeof item === 'string')) return given as readonly string[]
    throw new Malformed(`Its ${key} is no list of texts`, 'Write for example [select::null::users]')
  }
  const database = typeof value.databaseType === 'string' && value.databaseType !== '' ? value.databaseType : 'MySQL'
  const columns = list('allowedColumns')
  // A column of no table is allowed with the one of a table.
  const anyTable = columns?.flatMap((column) => {
    const [authority, table, name, ...rest] = column.split('::')
    return name !== undefined && rest.length === 0 && table !== 'null' ? [`${authority}::null::${name}`] : []
  })
  return {
    database,
    tables: list('allowedTables'),
    columns: columns && [...new Set([...columns, ...(anyTable ?? [])])],
  }
}

const fails = (work: () => unknown): boolean => {
  try {
    work()
    return false
  } catch {
    return true
  }
}

/** Why a text is not the SQL that was asked for; undefined where it is. */
function whyNotSql(sql: string, { database, tables, columns }: SqlRules, parser: SqlParser): string | undefined {
  const trimmed = sql.trim()
  const broken =
    trimmed === '' ||
    (trimmed.match(/`/g)?.length ?? 0) % 2 !== 0 ||
    missingComma(database).test(withoutQuotes(trimmed, database)) ||
    (database === 'MySQL' && /\bgenerate_series\s*\(/i.test(trimmed)) ||
    fails(() => parser.astify(sql, { database }))
  if (broken) return `It is no SQL of ${database}`
  if (tables && fails(() => parser.whiteListCheck(sql, tables, { database, type: 'table' })))
    return 'It uses a table that is not allowed'
  if (columns && fails(() => parser.whiteListCheck(sql, columns, { database, type: 'column' })))
    return 'It uses a column that is not allowed'
  return undefined
}

/** The bodies of Markdown's code blocks without a language or in SQL. */
function sqlBlocks(text: string): string[] {
  const blocks: string[] = []
  let open: { readonly mark: string; readonly isSql: boolean; readonly lines: string[] } | undefined
  for (const line of text.split(/\r\n?|\n/)) {
    const fence = /^[ \t]{0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    if (!open) {
      if (fence) open = { mark: fence[1]!, isSql: ['', 'sql'].includes(fence[2]!.trim().toLowerCase()), lines: [] }
    } else if (fence && fence[1]!.startsWith(open.mark) && fence[2]!.trim() === '') {
      if (open.isSql) blocks.push(open.lines.join('\n').trim())
      open = undefined
    } else open.lines.push(line)
  }
  return blocks
}

function parserFrom({ directory, cwd }: CheckDeps, type: string): SqlParser {
  const library = workspaceLibrary('node-sql-parser', '5.4.0', type, [directory, cwd]) as {
    readonly Parser: new () => SqlParser
  }
  return new library.Parser()
}

export const sqlChecks: Readonly<Record<string, MakeCheck>> = {
  'is-sql': (assertion, deps) => {
    const rules = rulesOf(assertion.value)
    const parser = parserFrom(deps, assertion.type)
    return ({ text }) => {
      const why = whyNotSql(text, rules, parser)
      return verdictOf(assertion, why === undefined, why ?? 'The answer is SQL')
    }
  },
  'contains-sql': (assertion, deps) => {
    const rules = rulesOf(assertion.value)
    const parser = parserFrom(deps, assertion.type)
    return ({ text }) => {
      const blocks = sqlBlocks(text)
      const holds = (blocks.length > 0 ? blocks : [text]).some(
        (sql) => sql.trim() !== '' && whyNotSql(sql, rules, parser) === undefined,
      )
      return verdictOf(
        assertion,
        holds,
        `Expected ${assertion.inverse ? 'no ' : ''}SQL of ${rules.database} in the answer`,
      )
    }
  },
}
