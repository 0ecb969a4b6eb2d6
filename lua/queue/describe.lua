#!lua flags=no-writes
--[[
  How a queue stands in this partition, from counters and heads alone.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  how many fairness keys and how many pollers to name

  Returns {"queue", now_ms, in_flight, ready, configured bound per destination or "",
    [priority, ready, second of the oldest dispatch, …], the most urgent first,
    [added, leased, over_ms] of about the last minute,
    keys that have any, [fairness key, ready, weight, ms of the oldest dispatch or "", …], those with the most first,
    pollers of the last 90 seconds, [worker, ms of its latest poll, …], the latest first,
    [field, value, …], the settings as in lib/queue_settings.lua}
  Complexity O(named × log keys); a key's oldest is sought at the heads of its first lanes only
]]
--- @include "lib/step"
local POLLERS_MS, RATE_MS = 90000, 60000
local LANES_SEEN, ENTRIES_SEEN, PARKED_SEEN = 16, 8, 16
local q, most = ARGV[4], tonumber(ARGV[5])
local qk = P .. "q:" .. q
local c = call("HMGET", qk, "in", "ready", "dmax0", "conf", "hw", "dn")
local ready = tonumber(c[2]) or 0

local priorities, waiting = {}, {}
local counts = call("HMGET", P .. "b:" .. q, "1", "2", "3", "4", "5", "keyed")
for p = 1, 5 do
  if tonumber(counts[p] or 0) > 0 then
    local oldest = call("ZRANGE", P .. "bo" .. p .. ":" .. q, 0, 0)
    waiting[#waiting + 1] = p
    priorities[#priorities + 1] = num(p)
    priorities[#priorities + 1] = counts[p]
    priorities[#priorities + 1] = oldest[1] or ""
  end
end

--- When the first live entry of a lane could have been dispatched; nil = none of those looked at is live.
local function oldest_in(lane)
  local entries = call("LRANGE", lane, 0, ENTRIES_SEEN - 1)
  for i = 1, #entries do
    local rec = call("GETRANGE", P .. "j:" .. sub(entries[i], 9), 0, 49)
    if sub(rec, 2, 9) == sub(entries[i], 1, 8) and sub(rec, 10, 10) == "S" then
      return u6(rec, 44)
    end
  end
end

local parked = nil
--- Some of the destinations under whose limits lanes wait: those are in no ring of their key.
local function parked_destinations()
  if not parked then
    parked = {}
    local fields = call("ZRANGE", P .. "pk:" .. q, 0, PARKED_SEEN - 1)
    for i = 1, #fields do
      if byte(fields[i]) == 100 then
        parked[#parked + 1] = sub(fields[i], 2)
      end
    end
  end
  return parked
end

local function oldest_of_key(fk)
  local oldest = nil
  for _, p in ipairs(waiting) do
    local dests = c[6] and call("ZRANGE", destinations_key(q, p, fk), 0, math.ceil(LANES_SEEN / #waiting) - 1) or {}
    if #dests == 0 then
      dests = c[6] and { "", unpack(parked_destinations()) } or { "" }
    end
    for i = 1, #dests do
      local at = oldest_in(lane_key(q, p, fk, dests[i]))
      if at and (not oldest or at < oldest) then
        oldest = at
      end
    end
  end
  return oldest and num(oldest) or ""
end

local named = call("ZRANGE", P .. "bk:" .. q, 0, most - 1, "REV", "WITHSCORES")
local unkeyed = ready - (tonumber(counts[6]) or 0)
local keys_waiting = call("ZCARD", P .. "bk:" .. q) + (unkeyed > 0 and 1 or 0)
local ranked = {}
for i = 1, #named, 2 do
  ranked[#ranked + 1] = { named[i], tonumber(named[i + 1]) }
end
if unkeyed > 0 then
  local at = 1
  while ranked[at] and ranked[at][2] >= unkeyed do
    at = at + 1
  end
  table.insert(ranked, at, { "", unkeyed })
  ranked[most + 1] = nil
end
local names, keys = {}, {}
for i = 1, #ranked do
  names[i] = ranked[i][1]
end
local rooms = rooms_of(q, read_conf(c[4]), nil, nil, c[5])
rooms.load_weights(names)
for i = 1, #ranked do
  local n = #keys
  keys[n + 1], keys[n + 2] = names[i], num(ranked[i][2])
  keys[n + 3], keys[n + 4] = string.format("%.17g", rooms.weight[names[i]] or 1), oldest_of_key(names[i])
end

--- What came and was leased since the oldest of the counted stretches of the last minute began, and how long that is.
local function rates()
  local flat, sums, oldest = call("HGETALL", P .. "br:" .. q), { a = 0, l = 0 }, nil
  for i = 1, #flat, 2 do
    local slot = tonumber(sub(flat[i], 2)) * RATE_SLOT_MS
    if slot > now - RATE_MS and slot <= now then
      local letter = sub(flat[i], 1, 1)
      sums[letter] = sums[letter] + flat[i + 1]
      oldest = math.min(oldest or slot, slot)
    end
  end
  return { num(sums.a), num(sums.l), num(oldest and math.max(now - oldest, RATE_SLOT_MS) or RATE_SLOT_MS) }
end

local since = "(" .. num(now - POLLERS_MS)
local po = P .. "po:" .. q
local polled = call("ZRANGE", po, "+inf", since, "BYSCORE", "REV", "LIMIT", 0, most, "WITHSCORES")
return {
  "queue", num(now), c[1] or "0", num(ready), c[3] or "", priorities, rates(), num(keys_waiting), keys,
  num(call("ZCOUNT", po, since, "+inf")), polled, call("HGETALL", P .. "cf:" .. q),
}
