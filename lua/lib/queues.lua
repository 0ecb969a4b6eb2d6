--[[
  What a queue is known by before anything was ever leased from it.
]]
--- @include "lib/step"
local queues = {}
--- Makes a queue known, and a key's weight that of this job: the latest that was started into it or moved there.
-- weight: thousandths.
local function register(q, fk, weight)
  local known = queues[q]
  if not known then
    known = call("HMGET", P .. "q:" .. q, "known", "hw", "conf")
    queues[q] = known
  end
  if not known[1] then
    known[1] = "1"
    call("HSET", P .. "q:" .. q, "known", "1")
    call("SADD", P .. "queues", q)
  end
  -- a key's rate may grow with its weight
  local rated = read_conf(known[3]).key_rate
  local old = rated and (tonumber(call("HGET", P .. "w:" .. q, fk)) or 1)
  if tonumber(weight) ~= 1000 then
    known[2] = "1"
    call("HSET", P .. "q:" .. q, "hw", "1")
    call("HSET", P .. "w:" .. q, fk, string.format("%.17g", weight / 1000))
  elseif known[2] then
    call("HDEL", P .. "w:" .. q, fk)
  end
  if rated and weight / 1000 ~= old then
    look_again(q, "k" .. fk)
  end
end
