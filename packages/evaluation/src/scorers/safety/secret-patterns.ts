import { crc32 } from 'node:zlib'
import type { SecretKind } from '@agent-ci/core/config/scorers'
import isCreditCard from 'validator/lib/isCreditCard.js'
import isIBAN from 'validator/lib/isIBAN.js'

/** How one kind of secret is written, and what tells a real one from a look-alike. */
interface SecretPattern {
  readonly pattern: RegExp
  readonly verify?: (match: string) => boolean
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The last six characters of GitHub's and npm's tokens are the CRC-32 of the 30 before, in base 62. */
function hasChecksum(token: string): boolean {
  const body = token.slice(token.indexOf('_') + 1)
  let checksum = 0
  for (const digit of body.slice(-6)) checksum = checksum * 62 + BASE62.indexOf(digit)
  return crc32(body.slice(0, -6)) === checksum
}

/** Placeholders of documentation: `AKIAXXXXXXXXXXXXXXXX`, `…EXAMPLE`, one character over and over. */
const isVaried = (match: string): boolean =>
  new Set(match.slice(6)).size >= 8 && !/example|placeholder|xxxx|0000|your_?/i.test(match)

/** A JSON Web Token's header is JSON that names an algorithm. */
function hasHeader(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())
    return typeof header === 'object' && header !== null && 'alg' in header
  } catch {
    return false
  }
}

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

/** Formats as the issuers publish them; a number that is no secret fails the checksum. */
export const SECRET_PATTERNS: Readonly<Record<SecretKind, SecretPattern>> = {
  anthropic_key: { pattern: /\bsk-ant-[a-z]+\d{2}-[\w-]{40,}/g, verify: isVaried },
  openai_key: {
    pattern:
      /\bsk-(?!ant-)(?:(?:proj|svcacct|admin)-[\w-]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48})(?![\w-])/g,
    verify: isVaried,
  },
  aws_access_key: { pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, verify: isVaried },
  github_token: {
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b/g,
    verify: (match) => (match.startsWith('github_pat_') ? isVaried(match) : hasChecksum(match)),
  },
  gitlab_token: { pattern: /\bglpat-[\w-]{20,}/g, verify: isVaried },
  npm_token: { pattern: /\bnpm_[A-Za-z0-9]{36}\b/g, verify: hasChecksum },
  slack_token: { pattern: /\bxox[abeoprs]-(?:\d{8,}-)+[A-Za-z0-9-]{16,}/g, verify: isVaried },
  google_api_key: { pattern: /\bAIza[\w-]{35}(?![\w-])/g, verify: isVaried },
  stripe_key: { pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{24,}\b/g, verify: isVaried },
  private_key: { pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|[A-Za-z0-9+/=\s:,-]){40,}/g },
  jwt: { pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g, verify: hasHeader },
  credit_card: {
    pattern: /(?<![\w.,#-])\d(?:[ -]?\d){12,18}(?![\w-])/g,
    verify: (match) => isCreditCard.default(digitsOf(match)),
  },
  iban: { pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}/g, verify: isIban },
  us_ssn: { pattern: /(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
  email: {
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[a-z]{2,24}\b/gi,
    // A git remote: git@github.com:acme/support.git
    verify: (match) => !match.toLowerCase().startsWith('git@'),
  },
  phone: {
    pattern:
      /(?<![\w+.-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,11}|\(\d{3}\) ?\d{3}-\d{4})(?![\d-])/g,
  },
}

/** A number may be followed by words that look like its next group, so its groups are taken off one by one. */
function isIban(match: string): boolean {
  for (let end = match.length; end >= 15; end--) {
    if (isIBAN.default(match.slice(0, end).replaceAll(' ', ''))) return true
  }
  return false
}
