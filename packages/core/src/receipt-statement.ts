import * as z from 'zod'
import { type Receipt, receiptSchema } from './receipt.ts'

/** in-toto's Statement, version 1 (in-toto/attestation, spec/v1/statement.md). */
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** What a receipt is called as a predicate; its form is schema/receipt.schema.json. */
export const RECEIPT_PREDICATE_TYPE = 'https://agent-ci.dev/attestation/receipt/v1'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A receipt as a statement about the file that holds it, and about the image that was evaluated where that is known. */
export const receiptStatementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.looseObject({ sha256: sha256.optional() }) }))
    .min(1),
  predicateType: z.literal(RECEIPT_PREDICATE_TYPE),
  predicate: receiptSchema,
})

export type ReceiptStatement = z.infer<typeof receiptStatementSchema>

const hexOf = (digest: string): string => digest.slice('sha256:'.length)

/** @param fileDigest of the bytes of receipt.json */
export function receiptStatement(receipt: Receipt, fileDigest: string): ReceiptStatement {
  const { image } = receipt.evaluated
  const at = image?.lastIndexOf('@') ?? -1
  return {
    _type: STATEMENT_TYPE,
    subject: [
      ...(image && at > 0 ? [{ name: image.slice(0, at), digest: { sha256: hexOf(image.slice(at + 1)) } }] : []),
      { name: 'receipt.json', digest: { sha256: hexOf(fileDigest) } },
    ],
    predicateType: RECEIPT_PREDICATE_TYPE,
    predicate: receipt,
  }
}
