import { describe, expect, test } from '@jest/globals'
import { runTool, today, toolDefinitions } from './agent-process.ts'

const refundOf = (order_id: string, reason = 'changed_mind', sku?: string) =>
  runTool('calculate_refund', { order_id, reason, ...(sku && { sku }) })

test('today is part of the data', () => {
  expect(today).toBe('2026-03-14')
})

test('the tools are the five that the prompt and the examples name', () => {
  expect(toolDefinitions.map(({ name }) => name)).toEqual([
    'lookup_order',
    'search_policy',
    'check_stock',
    'calculate_refund',
    'create_ticket',
  ])
})

describe('a refund', () => {
  test.each([
    ['is the price less the return label', 'LL-1001', 'changed_mind', undefined, 84.05, 'EUR'],
    ['is due on the last day of the window', 'LL-1007', 'changed_mind', undefined, 40.95, 'EUR'],
    ['is due for 60 days to members of the circle', 'LL-1012', 'changed_mind', undefined, 44.05, 'EUR'],
    ['leaves out seeds and clearance items', 'LL-1010', 'changed_mind', undefined, 22.95, 'EUR'],
    ['includes clearance items that arrived damaged, and the shipping', 'LL-1009', 'damaged', undefined, 34.35, 'EUR'],
    ['of one damaged item leaves the shipping out', 'LL-1011', 'damaged', 'PL-201', 34.5, 'EUR'],
    ['takes the discount off and keeps the currency', 'LL-1014', 'changed_mind', 'HS-701', 87.55, 'GBP'],
    ['leaves out what was returned before', 'LL-1014', 'changed_mind', undefined, 87.55, 'GBP'],
    ['is the whole total before shipping', 'LL-1004', 'cancelled', undefined, 57.45, 'EUR'],
    ['is the whole total of a lost parcel', 'LL-1015', 'lost', undefined, 39.45, 'EUR'],
    ['of a wrong item includes the shipping', 'LL-1019', 'wrong_item', undefined, 32.85, 'EUR'],
  ])('%s', (_, order, reason, sku, amount, currency) => {
    expect(refundOf(order, reason, sku)).toMatchObject({ eligible: true, amount, currency })
  })

  test.each([
    ['one day after the window', 'LL-1008', 'the window of 30 days closed on 2026-03-13'],
    ['of a clearance item', 'LL-1009', 'seeds and clearance items are final sale'],
    [
      'of an order that is on its way',
      'LL-1002',
      'it is still on its way; it can be returned once it has been delivered',
    ],
    ['of a partly shipped order', 'LL-1006', 'it is still on its way; it can be returned once it has been delivered'],
    ['of an unpaid order', 'LL-1017', 'it has not been paid yet'],
    ['of an order that was refunded', 'LL-1005', '63.95 was refunded on 2026-03-03'],
    ['of an order whose refund is under way', 'LL-1016', 'a refund of 22.95 is due by 2026-03-19'],
  ])('%s is refused', (_, order, why) => {
    expect(refundOf(order)).toMatchObject({ eligible: false, why })
  })

  test('of an item that was returned before is refused', () => {
    expect(refundOf('LL-1014', 'changed_mind', 'GL-601')).toMatchObject({ why: 'it has been returned before' })
  })

  test('names the last day and what is excluded', () => {
    expect(refundOf('LL-1010')).toMatchObject({ last_day: '2026-04-07', excluded: ['Wildflower seed mix'] })
  })

  test('goes to store credit for a gift', () => {
    expect(refundOf('LL-1013')).toMatchObject({ amount: 37.05, refunded_to: 'store credit' })
    expect(refundOf('LL-1001')).toMatchObject({ refunded_to: 'original payment method' })
  })
})

test('an order is found with its total', () => {
  expect(runTool('lookup_order', { order_id: 'LL-1004' })).toMatchObject({ status: 'processing', total: 57.45 })
  expect(runTool('lookup_order', { order_id: 'LL-1014' })).toMatchObject({ currency: 'GBP', total: 105.75 })
})

test('stock is matched by all words of the product', () => {
  const names = (product: string) =>
    (runTool('check_stock', { product }) as { matches: { name: string }[] }).matches.map(({ name }) => name)
  expect(names('Copper Kettle')).toEqual(['Copper kettle'])
  expect(names('kettle')).toEqual(['Copper kettle', 'Enamel kettle'])
  expect(names('45 cm terracotta planter')).toEqual(['Terracotta planter 45 cm'])
  expect(names('garden gnome')).toEqual([])
})

test('a policy is found by its topic', () => {
  expect(runTool('search_policy', { topic: 'returns' })).toMatchObject({ text: expect.stringContaining('30 days') })
})

test('the same matter has the same ticket number', () => {
  const ticket = (order_id: string, category: string) =>
    runTool('create_ticket', { order_id, category, summary: 'It is broken' }).ticket
  expect(ticket('LL-1011', 'damaged')).toMatch(/^T-[0-9A-F]{4}$/)
  expect(ticket('LL-1011', 'damaged')).toBe(ticket('LL-1011', 'damaged'))
  expect(ticket('LL-1011', 'damaged')).not.toBe(ticket('LL-1009', 'damaged'))
})

test.each([
  ['an unknown order', 'lookup_order', { order_id: 'LL-9999' }, 'There is no order LL-9999'],
  ['no order at all', 'lookup_order', {}, 'There is no order undefined'],
  ['an unknown topic', 'search_policy', { topic: 'constructor' }, 'There is no policy on constructor'],
  ['an unknown tool', 'toString', {}, 'There is no tool toString'],
  [
    'a refund of an unknown order',
    'calculate_refund',
    { order_id: 'LL-9999', reason: 'lost' },
    'There is no order LL-9999',
  ],
  ['a refund without a reason', 'calculate_refund', { order_id: 'LL-1001' }, 'The reason has to be one of'],
  [
    'a refund of an item that is not in the order',
    'calculate_refund',
    { order_id: 'LL-1001', reason: 'damaged', sku: 'SH-401' },
    'LL-1001 has no item SH-401',
  ],
  [
    'a ticket on an unknown order',
    'create_ticket',
    { order_id: 'LL-9999', category: 'lost' },
    'There is no order LL-9999',
  ],
  ['a ticket of an unknown category', 'create_ticket', { category: 'joke' }, 'The category has to be one of'],
])('%s is an error that the model can read', (_, tool, args, error) => {
  expect(runTool(tool, args)).toEqual({ error: expect.stringContaining(error) })
})
