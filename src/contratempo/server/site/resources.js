// What the page knows of each provider's records: how to name one and where it goes. Others are shown by id.

const phoneOf = value => (value && typeof value === 'object' ? value.phone_number : value);

const KINDS = {
  scheduled_event: record => ({
    icon: record.telnyx_conversation_channel === 'sms_chat' ? 'message' : 'phone',
    what: record.telnyx_conversation_channel === 'sms_chat' ? 'SMS chat' : 'Phone call',
    target: record.telnyx_end_user_target,
    text: record.text,
    created: record.created_at,
  }),
  message: record => ({
    icon: 'message',
    what: record.type === 'MMS' ? 'MMS' : 'Message',
    target: phoneOf(Array.isArray(record.to) ? record.to[0] : record.to),
    text: record.text,
    created: record.received_at,
  }),
  scheduled_call: record => ({
    icon: 'phone',
    what: 'AI call',
    target: record.contact_id,
    text: record.initial_message,
    created: record.created_at,
  }),
};

// Returns {icon, what, target, text, created, title}: texts, whatever the record holds.
export function describe(resource) {
  const record = resource.record ?? {};
  const known = KINDS[resource.kind]?.(record) ?? {icon: 'thing', what: resource.kind, created: record.created_at};
  const text = value => (value === undefined || value === null ? '' : String(value));
  const target = text(known.target);
  return {
    icon: known.icon,
    what: text(known.what),
    target,
    text: text(known.text),
    created: text(known.created),
    title: target || text(resource.id),
  };
}

// The head of an id, long enough to tell it from others.
export const brief = id => (id.length > 14 ? id.slice(0, 8) : id);

export const words = status => (status === null || status === undefined ? 'gone' : String(status).replaceAll('_', ' '));
