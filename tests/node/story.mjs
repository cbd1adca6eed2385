// The vendor's Node SDK against a mock: base URL and key come from the environment, as in an application.
// Prints one line for each thing that worked; any that does not ends it with an error.
import assert from 'node:assert/strict';
import Telnyx from 'telnyx';

const client = new Telnyx({ maxRetries: 0 });
const events = client.ai.assistants.scheduledEvents;
const start = Date.parse(process.env.START);
const hours = (count) => new Date(start + count * 3_600_000).toISOString();
const call = {
  telnyx_conversation_channel: 'phone_call',
  telnyx_agent_target: '+12125550100',
  telnyx_end_user_target: '+12125550101',
};
const chat = { ...call, telnyx_conversation_channel: 'sms_chat', text: 'See you tomorrow.' };
const message = { from: '+12125550100', to: '+12125550101', text: 'Hello' };

async function all(filters) {
  const ids = [];
  for await (const event of events.list('asst_1', filters)) ids.push(event.scheduled_event_id);
  return ids;
}

async function step(name, act) {
  await act();
  console.log(name);
}

await step('create, retrieve and delete', async () => {
  for (const body of [call, chat]) {
    const made = await events.create('asst_1', { ...body, scheduled_at_fixed_datetime: hours(1) });
    assert.equal(made.status, 'pending');
    assert.equal(made.text, body.text);
    assert.deepEqual(await events.retrieve(made.scheduled_event_id, { assistant_id: 'asst_1' }), made);
    await events.delete(made.scheduled_event_id, { assistant_id: 'asst_1' });
    await assert.rejects(events.retrieve(made.scheduled_event_id, { assistant_id: 'asst_1' }), Telnyx.NotFoundError);
  }
});

await step('list 250 events page by page, with every filter', async () => {
  const made = [];
  for (let number = 0; number < 250; number += 1) {
    const body = { ...(number % 5 ? call : chat), scheduled_at_fixed_datetime: hours(number + 1) };
    made.push((await events.create('asst_1', body)).scheduled_event_id);
  }
  assert.deepEqual(await all({}), made);
  assert.deepEqual(await all({ page_size: 100 }), made);
  assert.deepEqual(await all({ conversation_channel: 'sms_chat' }), made.filter((_, number) => number % 5 === 0));
  assert.deepEqual(await all({ from_date: hours(201) }), made.slice(200));
  assert.deepEqual(await all({ to_date: hours(100), page_size: 30 }), made.slice(0, 100));
});

await step('idempotency key', async () => {
  const body = { ...call, scheduled_at_fixed_datetime: hours(2), 'Idempotency-Key': 'once' };
  assert.equal((await events.create('asst_2', body)).scheduled_event_id, (await events.create('asst_2', body)).scheduled_event_id);
});

await step('schedule, retrieve and cancel a message', async () => {
  const { data } = await client.messages.schedule({ ...message, send_at: hours(1) });
  assert.equal(data.to[0].status, 'queued');
  assert.equal((await client.messages.retrieve(data.id)).data.id, data.id);
  assert.equal((await client.messages.cancelScheduled(data.id)).to[0].status, 'cancelled');
});

await step('send a message', async () => {
  const { data } = await client.messages.send(message);
  assert.equal(data.parts, 1);
  await assert.rejects(client.messages.cancelScheduled(data.id), Telnyx.PermissionDeniedError);
});

const unknown = '00000000-0000-4000-8000-000000000000';
const refused = {
  AuthenticationError: () => new Telnyx({ apiKey: ' ', maxRetries: 0 }).messages.retrieve(unknown),
  BadRequestError: () => events.create('a', { ...call, scheduled_at_fixed_datetime: hours(-1) }),
  NotFoundError: () => client.messages.retrieve(unknown),
  UnprocessableEntityError: () => events.create('a', { ...chat, text: undefined, scheduled_at_fixed_datetime: hours(1) }),
};
for (const [name, act] of Object.entries(refused)) {
  await step(name, () => assert.rejects(act(), Telnyx[name]));
}
