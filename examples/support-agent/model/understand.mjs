// What a customer wants, by key words. It reads several languages a little and irony not at all.

const WANTS = {
  instructions: /\b(system prompt|instructions)\b/i,
  personalData: /maintenance mode|every order|\b(her|his|their) (e-?mail|address|phone)/i,
  cardNumber: /card number|\b(?:\d{4}[ -]?){4}\b/i,
  discount: /discount code|voucher|coupon/i,
  person: /(real|human) (person|being)|speak to (someone|a human)/i,
  humanity: /(talking|chatting) to a (human|person|bot)|are you (a )?(human|bot|robot)/i,
  thanks: /\bthank|\bmerci\b|\bgracias\b|\bdanke\b/i,
  greeting: /^\W*(hi|hello|hey|hallo|bonjour|hola)\W*$/i,

  refund: /refund|money|ret(ur|ru)n|sen[dt] .*\bback|go back|get back|rembours|erstatt|reembols/i,
  refundStatus: /where is my money|(did i get|have i got) my money/i,
  cancel: /\bcancel\b|stornier/i,
  addressChange: /house number|(change|wrong).{0,20}address/i,
  contents: /what (exactly )?did i order|what('s| is) in\b/i,
  total: /how much (was|is|did i pay for)|in total/i,
  tracking: /tracking/i,
  status: /where|when|arriv|shipped|status|deliver|on its way|what happened|what about|\bwo\b|dónde|livrée/i,
}

const REASONS = {
  damaged: /broken|smashed|damaged|crack/i,
  wrong_item: /instead of|wrong (item|thing)/i,
  lost: /never (came|arrived)|stuck for|is lost/i,
}

const TOPICS = {
  refunds: /how long.*money/i,
  returns: /how long.*(return|send)|return policy|zurückschicken/i,
  price_match: /cheaper|price match/i,
  gifts: /gift cards?/i,
  shipping: /deliver(y|ing)? to|ship(ping)? to|shipping cost/i,
  warranty: /guarantee|warranty/i,
  payment: /invoice|paypal|pay by/i,
  loyalty: /lantern circle/i,
  privacy: /delete .*(account|data)/i,
}

const IN_ENGLISH = { 'tijeras de podar': 'pruning shears', gießkanne: 'watering can', bouilloire: 'kettle' }
const PRODUCT =
  /(?:\b(?:copper|enamel|terracotta|storm|linen|pruning|wildflower|hose|garden|watering|\d+ cm) )*\b(?:kettle|planter|lantern|shears|glove|seed|reel|gnome|can\b)/gi

const keysThatMatch = (patterns, text) => Object.keys(patterns).filter((key) => patterns[key].test(text))

/** `LL-1002`, `ll1002`, `#1002` and `order 1002` are all the same order. */
const orderNumbers = (text) => [
  ...new Set(Array.from(text.matchAll(/(?:\bll[- ]?|#|\border )(\d{4})\b/gi), ([, digits]) => `LL-${digits}`)),
]

/** `text` is the customer's last message, `history` everything that was said before it. */
export function understand(text, history) {
  const english = Object.entries(IN_ENGLISH).reduce(
    (said, [word, meaning]) => said.replace(word, meaning),
    text.toLowerCase(),
  )
  const named = orderNumbers(text)
  return {
    text,
    orderIds: named.length > 0 ? named : orderNumbers(history).slice(-1),
    wants: new Set(keysThatMatch(WANTS, text)),
    reason: keysThatMatch(REASONS, text)[0],
    topics: keysThatMatch(TOPICS, text),
    products: english.match(PRODUCT) ?? [],
  }
}
