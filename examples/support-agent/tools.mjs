// What the agent can do: five tools over the shop's data. The answers are deterministic because "today" is part of the data.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const read = (name) => JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), 'utf8'))

const { today, orders } = read('orders')

export { today }

const products = read('products')
const policies = read('policies')

const RETURN_LABEL = { EUR: 4.95, GBP: 4.25 }
const REASONS = ['changed_mind', 'damaged', 'wrong_item', 'lost', 'cancelled']
const TICKETS = ['damaged', 'wrong_item', 'lost', 'address_change', 'cancellation', 'person', 'other']

/** A tool's answer when it cannot do what it was asked; the model is told so and can go on. */
class Refusal extends Error {}

function findOrder(id) {
  const order = orders.find((order) => order.order_id === id)
  if (!order) throw new Refusal(`There is no order ${id}`)
  return order
}

const cents = (amount) => Math.round(amount * 100)
const addDays = (date, days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)

/** In cents, after the order's discount. */
const worthOf = (items, { discount_percent = 0 }) =>
  items.reduce((sum, { quantity, unit_price }) => {
    const full = cents(quantity * unit_price)
    return sum + full - Math.round((full * discount_percent) / 100)
  }, 0)

const totalOf = (order) => (worthOf(order.items, order) + cents(order.shipping_fee)) / 100

function lookupOrder({ order_id }) {
  const order = findOrder(order_id)
  return { ...order, total: totalOf(order) }
}

function searchPolicy({ topic }) {
  if (!Object.hasOwn(policies, topic)) throw new Refusal(`There is no policy on ${topic}`)
  return { topic, text: policies[topic] }
}

/** Every word of the question has to be in the name, so "kettle" finds two products and "copper kettle" one. */
function checkStock({ product }) {
  const words = String(product).toLowerCase().split(/\W+/).filter(Boolean)
  return { matches: products.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))) }
}

const OPEN = {
  awaiting_payment: 'it has not been paid yet',
  shipped: 'it is still on its way; it can be returned once it has been delivered',
  partially_shipped: 'it is still on its way; it can be returned once it has been delivered',
}

function calculateRefund({ order_id, reason, sku }) {
  if (!REASONS.includes(reason)) throw new Refusal(`The reason has to be one of ${REASONS.join(', ')}`)
  const order = findOrder(order_id)
  const refuse = (why, facts) => ({ order_id, eligible: false, why, ...facts })
  const refund = (amount, facts) => ({
    order_id,
    eligible: true,
    amount: amount / 100,
    currency: order.currency,
    refunded_to: 'gift_note' in order ? 'store credit' : 'original payment method',
    ...facts,
  })

  if (order.refunded) return refuse(`${order.refunded.amount} was refunded on ${order.refunded.on}`)
  if (order.refund_due) return refuse(`a refund of ${order.refund_due.amount} is due by ${order.refund_due.by}`)
  if (order.status === 'processing' || order.status === 'lost') return refund(cents(totalOf(order)))
  if (order.status !== 'delivered') return refuse(OPEN[order.status])

  const ourFault = reason === 'damaged' || reason === 'wrong_item'
  const days = ourFault ? 14 : order.circle_member ? 60 : 30
  const last_day = addDays(order.delivered, days)
  // ISO dates compare as text; the last day itself still counts.
  if (today > last_day) return refuse(`the window of ${days} days closed on ${last_day}`, { last_day })

  if (sku && !order.items.some((item) => item.sku === sku)) throw new Refusal(`${order_id} has no item ${sku}`)
  const asked = order.items.filter((item) => !item.returned && (!sku || item.sku === sku))
  if (asked.length === 0) return refuse('it has been returned before')
  const items = asked.filter((item) => ourFault || !item.final_sale)
  const excluded = asked.filter((item) => !items.includes(item)).map((item) => item.name)
  if (items.length === 0) return refuse('seeds and clearance items are final sale', { excluded })

  const shipping = ourFault && items.length === order.items.length ? cents(order.shipping_fee) : 0
  const label = ourFault ? 0 : cents(RETURN_LABEL[order.currency])
  return refund(Math.max(0, worthOf(items, order) + shipping - label), {
    return_label: label / 100,
    last_day,
    excluded,
  })
}

/** A shop would store the ticket; here its number is all that is needed, the same for the same matter. */
function createTicket({ order_id, category, summary }) {
  if (!TICKETS.includes(category)) throw new Refusal(`The category has to be one of ${TICKETS.join(', ')}`)
  if (order_id) findOrder(order_id)
  const number = createHash('sha256').update(`${order_id}/${category}`).digest('hex').slice(0, 4).toUpperCase()
  return { ticket: `T-${number}`, category, summary }
}

const orderId = { type: 'string', pattern: '^LL-[0-9]{4}$', description: 'For example LL-1234' }

const TOOLS = {
  lookup_order: {
    description: 'Everything we know about an order: status, items, total, shipments, delivery.',
    properties: { order_id: orderId },
    required: ['order_id'],
    run: lookupOrder,
  },
  search_policy: {
    description: "The shop's terms on a topic.",
    properties: { topic: { type: 'string', enum: Object.keys(policies) } },
    required: ['topic'],
    run: searchPolicy,
  },
  check_stock: {
    description: 'Products whose English name has all the given words, with price, stock and restock date.',
    properties: { product: { type: 'string', description: 'For example "copper kettle" or just "kettle"' } },
    required: ['product'],
    run: checkStock,
  },
  calculate_refund: {
    description: 'Whether a refund is due for an order, how much, and until when it can be returned.',
    properties: {
      order_id: orderId,
      reason: { type: 'string', enum: REASONS },
      sku: { type: 'string', description: 'Only this item of the order; leave out for the whole order' },
    },
    required: ['order_id', 'reason'],
    run: calculateRefund,
  },
  create_ticket: {
    description: 'Hands a matter to a colleague and returns the ticket number.',
    properties: {
      order_id: orderId,
      category: { type: 'string', enum: TICKETS },
      summary: { type: 'string', description: 'One sentence for the colleague' },
    },
    required: ['category', 'summary'],
    run: createTicket,
  },
}

/** As the Messages API takes them. */
export const toolDefinitions = Object.entries(TOOLS).map(([name, { description, properties, required }]) => ({
  name,
  description,
  input_schema: { type: 'object', properties, required },
}))

/** The tool's answer, or `{error}` where it has none. */
export function runTool(name, args) {
  if (!Object.hasOwn(TOOLS, name)) return { error: `There is no tool ${name}` }
  try {
    return TOOLS[name].run(args)
  } catch (refusal) {
    if (refusal instanceof Refusal) return { error: refusal.message }
    throw refusal
  }
}
