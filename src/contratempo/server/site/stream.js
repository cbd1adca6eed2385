// The stream of a world: server-sent events read with fetch, because headers must be sent; comes back when it breaks.

const LONGEST = 15_000;

// Splits what has come into whole events and the rest. Pure: returns {events: [{event, id, data}], rest}.
export function parseEvents(text) {
  const half = text.endsWith('\r') ? '\r' : ''; // the other half of the line's end may be to come
  const blocks = text.slice(0, text.length - half.length).replace(/\r\n?/g, '\n').split('\n\n');
  const rest = blocks.pop() + half;
  return {events: blocks.map(parseEvent).filter(Boolean), rest};
}

function parseEvent(block) {
  const found = {event: 'message', id: undefined, data: []};
  for (const line of block.split('\n')) {
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (name === 'data') found.data.push(value ?? '');
    else if (name === 'event' || name === 'id') found[name] = value ?? '';
  }
  if (!found.data.length && found.event === 'message') return null; // a comment that keeps the line open
  return {...found, data: found.data.join('\n')};
}

// Follows until `stop()`. `onOpen(resumed)` says whether nothing was missed; `onDown` that it is closed for now.
export function follow(path, headers, {onOpen, onEvent, onDown}) {
  const ending = new AbortController();
  let last;
  let pause = 1000;
  const connect = async () => {
    const resumed = last !== undefined;
    const sent = {...headers(), Accept: 'text/event-stream', ...(resumed && {'Last-Event-ID': last})};
    const answer = await fetch(path, {headers: sent, signal: ending.signal, cache: 'no-store'});
    if (!answer.ok || !answer.headers.get('content-type')?.startsWith('text/event-stream')) return;
    pause = 1000;
    onOpen(resumed);
    await read(answer.body, ({event, id, data}) => {
      if (id !== undefined) last = id;
      if (event === 'resync') last = id;
      onEvent(event, data ? JSON.parse(data) : null);
    });
  };
  const run = async () => {
    while (!ending.signal.aborted) {
      await connect().catch(() => {});
      if (ending.signal.aborted) return;
      onDown();
      await new Promise(done => setTimeout(done, pause));
      pause = Math.min(LONGEST, pause * 2);
    }
  };
  run();
  return {stop: () => ending.abort()};
}

async function read(body, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    const {events, rest} = parseEvents(text + value);
    text = rest;
    events.forEach(onEvent);
  }
}
