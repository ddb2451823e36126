"""The two steps of the governor that must be atomic, in Lua.

Keys: calls in progress (sorted by when their lease ends), calls of the last minute (sorted by when they
began) and what is known (a hash) of the organisation; the last two of the app. Times are milliseconds.
"""

from __future__ import annotations

from typing import Final

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local DAY = 86400000
"""

ACQUIRE: Final = (
    _NOW
    + """
local in_progress, minute, known, app_minute, app_known = unpack(KEYS)
local id = ARGV[1]
local at_once, per_minute, assumed_day = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local day_share, app_per_minute, lease = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local minute_spared = tonumber(ARGV[8])
-- A second more than a minute: calls may take longer on their way one time than another.
local WINDOW = 61000
-- What was heard so long ago may be out of date, so one call may go and look.
local STALE = 1800000
-- Whoever comes back after the minute was full finds room for a whole look, not for its first call.
local HANDFUL = 20

for _, key in ipairs({app_known, known}) do
  local closed = tonumber(redis.call('HGET', key, 'closed_until') or 0)
  if closed > now then
    return {redis.call('HGET', key, 'closed_by'), closed - now}
  end
end

local day_since = tonumber(redis.call('HGET', known, 'day_since') or 0)
if day_since + DAY <= now then
  redis.call('HSET', known, 'day_left', assumed_day, 'day_limit', assumed_day, 'day_since', now, 'heard', now)
  redis.call('HDEL', known, 'day_told')
end
if day_share > 0 then
  local left = tonumber(redis.call('HGET', known, 'day_left'))
  local floor = math.floor(tonumber(redis.call('HGET', known, 'day_limit')) * day_share)
  local heard = tonumber(redis.call('HGET', known, 'heard'))
  if left <= floor then
    if now < heard + STALE then
      return {'day', heard + STALE - now}
    end
    redis.call('HSET', known, 'heard', now)
  end
end

local function until_free(key, limit)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - WINDOW)
  local used = redis.call('ZCARD', key)
  if used < limit then
    return nil
  end
  local place = math.min(used - limit + HANDFUL, used) - 1
  local freeing = redis.call('ZRANGE', key, place, place, 'WITHSCORES')
  return tonumber(freeing[2]) + WINDOW - now + 1
end

-- Xero lifts the limit of the minute for new connections: what an answer just said is left, may be used.
local told_at = tonumber(redis.call('HGET', known, 'minute_told_at') or 0)
if told_at + WINDOW > now then
  per_minute = math.max(per_minute, tonumber(redis.call('HGET', known, 'minute_told')) - minute_spared)
end
local wait = until_free(minute, per_minute)
if wait then
  return {'minute', wait}
end
wait = until_free(app_minute, app_per_minute)
if wait then
  return {'app', wait}
end
redis.call('ZREMRANGEBYSCORE', in_progress, '-inf', now)
if redis.call('ZCARD', in_progress) >= at_once then
  return {'concurrent', 60}
end

redis.call('ZADD', in_progress, now + lease, id)
redis.call('ZADD', minute, now, id)
redis.call('ZADD', app_minute, now, id)
redis.call('HINCRBY', known, 'day_left', -1)
redis.call('PEXPIRE', in_progress, lease)
redis.call('PEXPIRE', minute, WINDOW)
redis.call('PEXPIRE', app_minute, WINDOW)
redis.call('PEXPIRE', known, 2 * DAY)
return {'', 0}
"""
)
"""Arguments: id, calls at once, calls a minute, assumed calls a day, share of the day to leave, app's calls a
minute, lease, calls of the minute to leave. Answers ``['', 0]`` or the limit in the way and the time until it
may be gone."""

SETTLE: Final = (
    _NOW
    + """
local in_progress, known, app_known = KEYS[1], KEYS[3], KEYS[5]
local id, minute_told, day_told, problem, closed_for = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
redis.call('ZREM', in_progress, id)

if minute_told ~= '' then
  redis.call('HSET', known, 'minute_told', minute_told, 'minute_told_at', now)
end
if day_told ~= '' then
  local told = tonumber(day_told)
  local running = redis.call('ZCARD', in_progress)
  local left = tonumber(redis.call('HGET', known, 'day_left') or 0)
  local limit = tonumber(redis.call('HGET', known, 'day_limit') or 0)
  local first = redis.call('HEXISTS', known, 'day_told') == 0
  if first or told > left + running + 10 then
    redis.call('HSET', known, 'day_since', now)
    limit = first and told + 1 or math.max(limit, told + 1)
  end
  redis.call('HSET', known, 'day_told', told, 'day_left', told - running, 'day_limit', limit, 'heard', now)
end

if problem ~= '' then
  local key = problem == 'app' and app_known or known
  local closed = math.max(tonumber(redis.call('HGET', key, 'closed_until') or 0), now + closed_for)
  redis.call('HSET', key, 'closed_until', closed, 'closed_by', problem)
  redis.call('PEXPIRE', key, 2 * DAY)
end
redis.call('PEXPIRE', known, 2 * DAY)
return 1
"""
)
"""Arguments: id, what is left of the minute and of the day ('' when not told), the limit that the ledger
says is reached ('' for none) and for how long nobody should call."""
