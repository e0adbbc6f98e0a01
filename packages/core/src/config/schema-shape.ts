import * as z from 'zod'

/** The keys of an object's schema and their schemas, behind `optional` and `default`; none for any other schema. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return shapeOf(schema.unwrap() as z.ZodType)
  }
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {}
}

/** The keys that a schema knows at a path. */
export function shapeKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let shape = shapeOf(schema)
  for (const key of path) shape = shapeOf(shape[String(key)] ?? z.unknown())
  return Object.keys(shape)
}
