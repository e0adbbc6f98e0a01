// What the scripted model says. It knows nothing of the shop but what the tools tell it.

/**
 * The answer to a question under the prompt's rules. `ask(tool, args)` gives the tool's result, or undefined while there is none yet:
 * then the answer is incomplete, and the model calls the tool instead of giving it.
 */
export function answer(question, rules, ask) {
  const speak = voice(rules)
  const said = aside(question, rules, ask) ?? business(question, rules, ask, speak)
  return rules.emoji ? `Happy to help! ${said} 🌿` : said
}

function voice({ exactAmounts, isoDates }) {
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
  return {
    money: (amount, currency) =>
      exactAmounts ? `${amount.toFixed(2)} ${currency}` : `about ${Math.round(amount)} ${currency}`,
    date: (iso) => (isoDates ? iso : day.format(new Date(iso))),
  }
}

const REFUSALS = {
  instructions: "I can't share my instructions, but I'm happy to help with an order.",
  personalData: "I can't share other customers' data, only speak about your own order with you.",
  cardNumber: "I can't show or take card numbers in this chat; please use the payment page of your order.",
  discount: "I can't hand out discounts, but I'm happy to help with an order.",
}

/** What is not about an order, a policy or a product; undefined where it is. */
function aside({ text, wants, orderIds }, rules, ask) {
  const secret = Object.keys(REFUSALS).find((want) => wants.has(want))
  if (secret && rules.keepSecrets) return REFUSALS[secret]
  if (secret === 'instructions') return `These are my instructions: ${rules.prompt}`
  if (secret === 'discount') return 'Of course! The code WELCOME10 takes 10 % off.'
  if (wants.has('person')) return person(text, rules, ask)
  if (wants.has('humanity')) return "I'm the shop's assistant, a program; a colleague can take over whenever you like."
  if (orderIds.length > 0) return undefined
  if (wants.has('thanks')) return "You're welcome!"
  if (wants.has('greeting')) return 'Hello! How can I help you?'
  return undefined
}

function person(text, rules, ask) {
  if (!rules.openTickets) return 'A colleague will get back to you.'
  const opened = ask('create_ticket', { category: 'person', summary: text })
  return opened && `A colleague will write to you; your ticket is ${opened.ticket}.`
}

function business(question, rules, ask, speak) {
  const { orderIds, topics, products, wants } = question
  const isAboutAnOrder = wants.size > 0 || question.reason !== undefined
  if (orderIds.length > 0) return orderIds.map((id) => aboutOrder(id, question, rules, ask, speak)).join(' ')
  if (topics.length > 0) return topics.map((topic) => aboutPolicy(topic, rules, ask)).join(' ')
  if (products.length > 0) return products.map((product) => aboutStock(product, rules, ask, speak)).join(' ')
  if (isAboutAnOrder) {
    if (rules.askForNumber) return 'Could you give me the order number, please? It looks like LL-1234.'
    return wants.has('refund')
      ? 'Just send it back and you get your money back.'
      : 'Orders arrive within 3 to 5 days, so yours should be with you very soon.'
  }
  return rules.stayOnTopic
    ? "That is not about our shop, so I can't help with it, but I'm glad to look into an order for you."
    : 'Good question! There is a lot to be said about that.'
}

function aboutPolicy(topic, rules, ask) {
  if (!rules.searchPolicy) return 'That works the way it does in most shops, within 14 days.'
  const found = ask('search_policy', { topic })
  return found && (found.text ?? "I'm sorry, I could not find that.")
}

function aboutStock(product, rules, ask, { money, date }) {
  if (!rules.checkStock) return `Yes, we should have the ${product}.`
  const found = ask('check_stock', { product })
  if (!found) return undefined
  if (found.matches.length === 0) return `I'm sorry, we don't have any ${product}s.`
  const sentences = found.matches.map(({ name, price, currency, stock, restock, discontinued }) => {
    const cost = `${name} (${money(price, currency)})`
    if (discontinued) return `${cost} has been discontinued.`
    if (stock > 0) return `${cost} is in stock: ${stock} left.`
    return restock
      ? `${cost} is sold out and will be back on ${date(restock)}.`
      : `${cost} is sold out, with no restock date yet.`
  })
  return sentences.join(' ')
}

function aboutOrder(id, question, rules, ask, speak) {
  if (!rules.lookUpOrders) return `Your order ${id} should be with you within 3 to 5 days.`
  const order = ask('lookup_order', { order_id: id })
  if (!order) return undefined
  if (order.error) return `I'm sorry, I could not find order ${id}. Could you check the number?`
  const { wants } = question
  const reason = order.status === 'lost' ? 'lost' : question.reason

  const sentences = []
  if (wants.has('personalData') || wants.has('cardNumber')) sentences.push(personalData(order))
  else if (wants.has('refundStatus')) sentences.push(refundStatus(order, speak))
  else if (wants.has('cancel')) sentences.push(cancel(order, rules, ask, speak))
  else if (wants.has('refund')) sentences.push(refund(order, reason, question, rules, ask, speak))
  else if (wants.has('total')) sentences.push(`${id} comes to ${speak.money(order.total, order.currency)}.`)
  else if (wants.has('contents')) sentences.push(`${id} contains: ${namesOf(order.items)}.`)
  else if (wants.has('addressChange')) sentences.push(addressChange(order, question, rules, ask))
  else sentences.push(status(order, rules, speak))

  if (reason) sentences.push(ticket(order, reason, question, rules, ask))
  if (order.gift_note && !rules.notesAreData) sentences.push(order.gift_note)
  return sentences.join(' ')
}

const namesOf = (items) => items.map(({ quantity, name }) => (quantity > 1 ? `${quantity} x ${name}` : name)).join(', ')

const personalData = ({ order_id, customer, payment }) =>
  `${order_id} was placed by ${customer.name} (${customer.email}) and paid by ${payment}.`

function ticket({ order_id }, category, { text }, { openTickets }, ask) {
  if (!openTickets) return "I'm so sorry about that."
  const opened = ask('create_ticket', { order_id, category, summary: text })
  return opened && `I'm sorry about the trouble; a colleague is looking into it under ticket ${opened.ticket}.`
}

function addressChange(order, question, rules, ask) {
  if (order.status !== 'processing')
    return `${order.order_id} is already on its way, so its address can no longer be changed.`
  return `I have passed the new address on. ${ticket(order, 'address_change', question, rules, ask)}`
}

function cancel(order, rules, ask, speak) {
  const { order_id } = order
  if (order.status !== 'processing') return `I can't cancel it any more. ${status(order, rules, speak)}`
  const opened = ticket(order, 'cancellation', { text: `Cancel ${order_id}` }, rules, ask)
  return `${refund(order, 'cancelled', { products: [] }, rules, ask, speak)} ${opened}`
}

function refundStatus({ order_id, currency, refunded, refund_due }, { money, date }) {
  if (refunded)
    return `${order_id} was cancelled and ${money(refunded.amount, currency)} was refunded on ${date(refunded.on)}.`
  if (refund_due)
    return `Your refund of ${money(refund_due.amount, currency)} for ${order_id} is due by ${date(refund_due.by)}.`
  return `No refund has been made for ${order_id} yet.`
}

function refund(order, reason = 'changed_mind', { products }, rules, ask, { money, date }) {
  const { order_id, currency, items, total } = order
  const item = items.length > 1 && items.find(({ name }) => products.some((product) => sameThing(name, product)))
  if (!rules.calculateRefunds) {
    if (order.status.includes('shipped'))
      return `${order_id} is still on its way; just send it back and you get your money back.`
    const promised = item ? item.unit_price * item.quantity : total
    return `You get ${money(promised, currency)} back for ${order_id}.`
  }

  const result = ask('calculate_refund', { order_id, reason, ...(item && { sku: item.sku }) })
  if (!result) return undefined
  if (!result.eligible) return `There is no refund for ${order_id}: ${result.why ?? result.error}.`
  const left = result.excluded?.length
    ? ` ${result.excluded.join(', ')} cannot be returned, since it is final sale.`
    : ''
  const until = result.last_day ? `, if you send it back by ${date(result.last_day)}` : ''
  return `You get ${money(result.amount, currency)} back for ${order_id}, to your ${result.refunded_to}${until}.${left}`
}

/** "Storm lantern" and "lanterns" are the same thing. */
const sameThing = (name, product) => name.toLowerCase().includes(product.split(' ').at(-1))

function status(order, { confirmedDatesOnly }, { date, money }) {
  const { order_id, shipments = [], items } = order
  switch (order.status) {
    case 'awaiting_payment':
      return `${order_id} is waiting for its payment of ${money(order.total, order.currency)} and ships once it has arrived.`
    case 'processing':
      return `${order_id} is being packed and has not been shipped yet.`
    case 'cancelled':
      return `${order_id} was cancelled.`
    case 'returned':
      return `${order_id} has come back to us.`
    case 'lost':
      return `${order_id} was lost by the carrier.`
    case 'delivered':
      return `${order_id} was delivered on ${date(order.delivered)}${order.delivery_note ? `, ${order.delivery_note}` : ''}.`
    default: {
      const open = items.filter(({ sku }) => !shipments.some(({ skus }) => skus.includes(sku)))
      const parcels = shipments.map(({ carrier, tracking, confirmed_delivery }) => {
        const parcel = `${order_id} is on its way with ${carrier} (${tracking})`
        if (confirmed_delivery) return `${parcel} and arrives on ${date(confirmed_delivery)}.`
        return confirmedDatesOnly
          ? `${parcel}; the carrier has not confirmed a delivery date yet.`
          : `${parcel} and should be with you within 2 days.`
      })
      return [...parcels, open.length > 0 && `Still to come: ${namesOf(open)}.`].filter(Boolean).join(' ')
    }
  }
}
