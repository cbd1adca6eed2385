// What attempts come to: the tone, shape and words of every outcome, and which of them a kind of record can meet.

export const OUTCOMES = {
  completed: {tone: 'good', shape: 'check', label: 'completed'},
  delivered: {tone: 'good', shape: 'check', label: 'delivered'},
  busy: {tone: 'warn', shape: 'bar', label: 'busy'},
  'no-answer': {tone: 'warn', shape: 'diamond', label: 'no answer'},
  delivery_unconfirmed: {tone: 'warn', shape: 'question', label: 'unconfirmed'},
  expired: {tone: 'warn', shape: 'triangle', label: 'expired'},
  failed: {tone: 'bad', shape: 'cross', label: 'failed'},
  delivery_failed: {tone: 'bad', shape: 'cross', label: 'delivery failed'},
  sending_failed: {tone: 'bad', shape: 'cross', label: 'sending failed'},
  canceled: {tone: 'mute', shape: 'slash', label: 'canceled'},
  cancelled: {tone: 'mute', shape: 'slash', label: 'cancelled'},
  gone: {tone: 'mute', shape: 'slash', label: 'deleted'},
};
const CALLS = ['completed', 'busy', 'no-answer', 'failed', 'canceled', 'stuck'];
const MESSAGES = ['delivered', 'delivery_failed', 'delivery_unconfirmed', 'sending_failed', 'expired', 'stuck'];
const UNDER_WAY = ['in_progress', 'sending', 'sent', 'queued'];

export const isOutcome = status => Object.hasOwn(OUTCOMES, status);

export const choices = icon => (icon === 'phone' ? CALLS : icon === 'message' ? MESSAGES : [...new Set([...CALLS, ...MESSAGES])]);

// The tone of a record's own status: what is planned has the accent, what is under way is live.
export function tone(status) {
  if (isOutcome(status)) return OUTCOMES[status].tone;
  return UNDER_WAY.includes(status) ? 'live' : 'plan';
}
