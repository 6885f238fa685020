import test from 'ava';
import type { LogFormatName } from '../../src/operate/log-format.ts';
import { createLineLog } from '../../src/operate/log-line.ts';

test('service log – the names of the Elastic Common Schema, from the next line on', (t) => {
  const lines: string[] = [];
  let format: LogFormatName = 'json';
  const log = createLineLog({ write: (line) => void lines.push(line) }, () => format);
  log.warn({ event: 'keys_unavailable', of: 'corp', failure: 'a\u202eb' }, 'no keys');
  format = 'ecs';
  log.warn({ event: 'keys_unavailable', of: 'corp', failure: 'a\u202eb' }, 'no keys');
  for (const line of lines) t.is(line.indexOf('\n'), line.length - 1);
  const [plain, ecs] = lines.map((line) => JSON.parse(line));
  t.like(plain, {
    level: 40,
    event: 'keys_unavailable',
    of: 'corp',
    failure: 'a\ufffdb',
    message: 'no keys',
  });
  const { '@timestamp': time, 'ecs.version': version, ...rest } = ecs;
  t.is(new Date(time).toISOString(), time);
  t.regex(version, /^\d+\.\d+\.\d+$/);
  t.deepEqual(rest, {
    'log.level': 'warn',
    'service.type': 'peerproof',
    'event.dataset': 'peerproof.service',
    'event.action': 'keys_unavailable',
    message: 'no keys',
    'peerproof.of': 'corp',
    'peerproof.failure': 'a\ufffdb',
  });
});
