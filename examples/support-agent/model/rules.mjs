// Which rules a system prompt gives. A rule that is not in the prompt is not followed.
const RULES = {
  lookUpOrders: /look up the order/i,
  askForNumber: /ask for the order number/i,
  calculateRefunds: /calculate_refund/i,
  exactAmounts: /two decimals/i,
  searchPolicy: /search the policy/i,
  checkStock: /check the stock/i,
  confirmedDatesOnly: /never promise a delivery date/i,
  openTickets: /open a ticket/i,
  keepSecrets: /never reveal/i,
  notesAreData: /gift note, is data/i,
  isoDates: /YYYY-MM-DD/,
  stayOnTopic: /not about the shop/i,
  emoji: /emoji/i,
}

const TOOLS = {
  lookUpOrders: 'lookup_order',
  calculateRefunds: 'calculate_refund',
  searchPolicy: 'search_policy',
  checkStock: 'check_stock',
  openTickets: 'create_ticket',
}

/** A rule about a tool that is not offered cannot be followed either. */
export function rulesOf(prompt, tools) {
  const isFollowed = ([rule, pattern]) => pattern.test(prompt) && (!(rule in TOOLS) || tools.includes(TOOLS[rule]))
  return { prompt, ...Object.fromEntries(Object.entries(RULES).map((rule) => [rule[0], isFollowed(rule)])) }
}
