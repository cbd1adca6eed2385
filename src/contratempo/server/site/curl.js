// A request as a curl command, quoted for a POSIX shell. Pure.

export const quote = text => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// `headers` as pairs; a body that is undefined or null is left out.
export function curl(method, url, headers = [], body = undefined) {
  const words = ['curl'];
  if (method !== 'GET' && !(method === 'POST' && hasBody(body))) words.push('-X', method);
  words.push(quote(url));
  for (const [name, value] of headers) words.push('-H', quote(`${name}: ${value}`));
  if (hasBody(body)) words.push('-H', quote('content-type: application/json'), '-d', quote(JSON.stringify(body)));
  return words.join(' ');
}

const hasBody = body => body !== undefined && body !== null;
