/**
 * Runs in two pods, on port 8080. The application shows the headers that it got in a header of its answer, so that also a HEAD
 * has them. With `ANSWERS` it is an introspection endpoint (RFC 7662): the answers by their tokens, as JSON.
 */
import { createServer } from 'node:http';

const answers = process.env.ANSWERS && (JSON.parse(process.env.ANSWERS) as Record<string, object>);

createServer(async (request, response) => {
  if (!answers) {
    const names = request.rawHeaders.filter((_, index) => index % 2 === 0);
    const lines = names.map((name, index) => [name.toLowerCase(), request.rawHeaders[2 * index + 1]]);
    const seen = Buffer.from(JSON.stringify(lines)).toString('base64url');
    response.writeHead(200, { 'x-seen': seen }).end();
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const token = new URLSearchParams(body).get('token') ?? '';
  const answer = Object.hasOwn(answers, token) ? answers[token] : { active: false };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}).listen(Number(process.env.PORT ?? 8080));
