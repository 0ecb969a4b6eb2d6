#!lua flags=allow-oom
--[[
  Grant tokens of a queue's rate to another partition, and take back what came of earlier grants. With several
  partitions the one that the queue's name falls to is its limiter; a partition that has tasks ready to hand out is given
  a grant, leases under it and says what it used.

  A grant counts as used until that is known, and for good as used at its last moment when nobody says so in time: it
  is charged against the burst, and not paid off while it may still be spent. What is known to be used is owed from the
  moment of its use. So no window holds more than burst + rate × time, whenever within its life a grant is spent.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  id of the grant, 8 bytes; ARGV[6] how many tokens it should have, "0" = none is asked for
  ARGV[7…] by threes: "used", id of a grant, "<tokens> <at_ms>"    so many were used then, and the rest was not
                      "back", "", "<at_ms>"                         a token that was used then came to nothing

  Returns {"granted", tokens, until_ms, wait_ms}: 0 tokens or more, to be used until then by Redis's clock; where they
  are fewer than were asked for, wait_ms until the next may be had, "" = not before the limit is another; without a limit
  as many as were asked for. The same id is answered alike while its grant is open
  Complexity O(open grants)
]]
--- @include "lib/step"
local q = ARGV[4]
local key = P .. "gl:" .. q
local conf = read_conf(call("HGET", P .. "q:" .. q, "conf"))
if not conf.rate then
  return { "granted", ARGV[6], num(now + GRANT_MS), "" }
end

local flat = call("HGETALL", key)
local kept, grants, ended = false, {}, {}
for i = 1, #flat, 2 do
  if flat[i] == "limit" then
    kept = flat[i + 1]
  else
    local tokens, until_ms = string.match(flat[i + 1], "^(%d+) (%d+)$")
    grants[flat[i]] = { tokens = tonumber(tokens), until_ms = tonumber(until_ms) }
  end
end
local limit = open_limit(kept, conf.rate, conf.burst)
-- since when nothing has been owed: what was used then, or later, is owed from its use on
local clear_at = 0
if kept then
  local at, debt = string.match(kept, "^(%d+) (%d+) %d+$")
  clear_at = math.min(tonumber(at), now) + (conf.rate > 0 and debt / conf.rate or 0)
end

local function owe(tokens, used_at)
  if tokens == 0 then
    return
  end
  if limit.debt > 0 or conf.rate == 0 then
    limit.debt = limit.debt + tokens * TOKEN
  else
    clear_at = math.max(clear_at, math.min(used_at, now)) + tokens * TOKEN / conf.rate
    limit.debt = math.max(0, math.ceil((clear_at - now) * conf.rate))
  end
  limit.moved = true
end

for i = 7, #ARGV, 3 do
  if ARGV[i] == "back" then
    limit_refund(limit, tonumber(ARGV[i + 2]))
    opened[q] = true
  elseif grants[ARGV[i + 1]] then
    local tokens, at = string.match(ARGV[i + 2], "^(%d+) (%d+)$")
    local grant = grants[ARGV[i + 1]]
    tokens = math.min(tonumber(tokens), grant.tokens)
    owe(tokens, tonumber(at))
    if tokens < grant.tokens then
      opened[q] = true
    end
    grants[ARGV[i + 1]] = nil
    ended[#ended + 1] = ARGV[i + 1]
  end
end
local open, soonest = 0, nil
for id, grant in pairs(grants) do
  if grant.until_ms < now or grant.until_ms > now + GRANT_MS then
    owe(grant.tokens, math.min(grant.until_ms, now))
    ended[#ended + 1] = id
    grants[id] = nil
  else
    open = open + grant.tokens
    soonest = math.min(soonest or math.huge, grant.until_ms)
  end
end
if #ended > 0 then
  call("HDEL", key, unpack(ended))
end

local want, answer = tonumber(ARGV[6]), nil
local grant = grants[ARGV[5]]
if grant then
  answer = { "granted", num(grant.tokens), num(grant.until_ms), "" }
else
  local free = math.max(0, limit_room(limit) - open)
  local given = math.min(want, free)
  local wait = ""
  if given < want and conf.rate > 0 then
    -- what open grants do not use comes back when they end
    local paid = limit_pause(limit, want - given, open + given)
    wait = num(open > 0 and math.max(1, math.min(paid, soonest + 1 - now)) or paid)
  end
  answer = { "granted", num(given), num(now + GRANT_MS), wait }
  if given > 0 then
    call("HSET", key, ARGV[5], num(given) .. " " .. num(now + GRANT_MS))
  end
  if wait ~= "" then
    call("ZADD", P .. "parked", "LT", num(now + tonumber(wait)), q)
  end
end
local keep = keep_limit(limit)
if keep then
  call("HSET", key, "limit", keep)
end
call_out()
return answer
