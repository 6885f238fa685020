/**
 * What is done in Redis, each in one step. The keys have one hash tag, so that they are on one node of a
 * cluster:
 * - `state`: a hash with `epoch` (another one after the data was lost), `version`, `weight` and `last`;
 * - `entries`: a hash of a text for each name: `<until> <issued before, or -> <+, or - if undone> <weight> <rest>`;
 * - `changes`: the names by the version in which they changed last;
 * - `ends`: the names by the time when they are forgotten.
 *
 * Redis forgets the keys by itself when the last revocation has expired. It must not evict them.
 */
export function keysOf(prefix: string): readonly string[] {
  return ['state', 'entries', 'changes', 'ends'].map((name) => `${prefix}{revocations}:${name}`);
}

/** A message on it says that something has changed, and not what. */
export function channelOf(prefix: string): string {
  return `${prefix}revocations`;
}

const begin = `
local state, entries, changes, ends = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
local function put(id, till, text)
  local version = redis.call('HINCRBY', state, 'version', 1)
  redis.call('HSET', entries, id, text)
  redis.call('ZADD', changes, version, id)
  redis.call('ZADD', ends, till, id)
end
`;

/**
 * Adds revocations, all or none. First forgets what has expired. A name that is known gets the later of both
 * times, and counts only once.
 * Arguments: the most weight, an epoch for a new set, the channel; then for each: id, until, issued before or -,
 * weight, rest. Returns how many changed, or -1 if there is no place.
 */
export const add = `${begin}
local weight = tonumber(redis.call('HGET', state, 'weight') or '0')
local last = tonumber(redis.call('HGET', state, 'last') or '0')
for _, id in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)) do
  local text = redis.call('HGET', entries, id)
  if text then weight = weight - string.match(text, '^%S+ %S+ %S (%S+)') end
  redis.call('HDEL', entries, id)
  redis.call('ZREM', changes, id)
  redis.call('ZREM', ends, id)
end
redis.call('HSET', state, 'weight', whole(weight))
local puts = {}
for at = 4, #ARGV, 5 do
  local id, till, before, heavy, rest = unpack(ARGV, at, at + 4)
  local old = redis.call('HGET', entries, id)
  local isNew = true
  if old then
    local oldTill, oldBefore, flag, oldHeavy = string.match(old, '^(%S+) (%S+) (%S) (%S+)')
    if tonumber(oldTill) > tonumber(till) then till = oldTill end
    if flag == '+' then
      if oldBefore == '-' or before == '-' then before = '-'
      elseif tonumber(oldBefore) > tonumber(before) then before = oldBefore end
      isNew = till ~= oldTill or before ~= oldBefore
    end
    if isNew then weight = weight - oldHeavy end
  end
  if isNew then
    weight = weight + heavy
    last = math.max(last, till)
    puts[#puts + 1] = { id, till, till .. ' ' .. before .. ' + ' .. heavy .. ' ' .. rest }
  end
end
if #puts == 0 then return 0 end
if weight > tonumber(ARGV[1]) then return -1 end
redis.call('HSETNX', state, 'epoch', ARGV[2])
for _, one in ipairs(puts) do put(one[1], one[2], one[3]) end
redis.call('HSET', state, 'weight', whole(weight), 'last', whole(last))
for _, key in ipairs(KEYS) do redis.call('PEXPIREAT', key, whole(last + 60000)) end
redis.call('PUBLISH', ARGV[3], 'changed')
return #puts
`;

/**
 * Takes revocations back. They stay as undone until they would have expired, so that every replica learns it.
 * Arguments: the channel, then the ids. Returns the ids that were in force.
 */
export const undo = `${begin}
local undone = {}
for at = 2, #ARGV do
  local old = redis.call('HGET', entries, ARGV[at])
  local till, before, flag, rest
  if old then till, before, flag, rest = string.match(old, '^(%S+) (%S+) (%S) (.*)$') end
  if flag == '+' and tonumber(till) > now then
    put(ARGV[at], till, till .. ' ' .. before .. ' - ' .. rest)
    undone[#undone + 1] = ARGV[at]
  end
end
if #undone > 0 then redis.call('PUBLISH', ARGV[1], 'changed') end
return undone
`;

/**
 * What has changed since a version. Arguments: epoch, version, the most entries. Returns the epoch, the last
 * version, the version after which the answer begins, the version with which it ends, and the texts. An answer
 * that begins after version 0 is the whole set. If Redis evicted a part, the epoch is \`evicted\`.
 */
export const changesSince = `
local state, entries, changes = KEYS[1], KEYS[2], KEYS[3]
local known = redis.call('HMGET', state, 'epoch', 'version')
local epoch, version = known[1] or '', known[2] or '0'
local held = redis.call('HLEN', entries)
if held ~= redis.call('ZCARD', changes) or (epoch == '' and held > 0) then return { 'evicted', '0', '0', '0' } end
local from = '0'
if epoch ~= '' and ARGV[1] == epoch and tonumber(ARGV[2]) <= tonumber(version) then from = ARGV[2] end
local answer = { epoch, version, from, version }
if from == version then return answer end
local found = redis.call('ZRANGEBYSCORE', changes, '(' .. from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
for at = 1, #found, 2 do
  answer[#answer + 1] = redis.call('HGET', entries, found[at])
  answer[4] = found[at + 1]
end
return answer
`;
