--[[
  The tokens of a lease that came to nothing, given back to the rates of its queue, its fairness key and its destination.
  Those of a task that was leased before the queue's limits were changed, or that was moved since, are not: nobody knows
  what it cost.
]]
--- @include "lib/close"
local queues_refunded, owed_elsewhere = {}, {}

--- Whether a task has changed its queue or fairness key since it was leased.
local function has_moved(rec)
  return has_flag(rec, FLAG_CONTROLS)
    and call("HGET", P .. "c:" .. sub(rec, 73, 80), "moved") == sub(rec, 11, 18)
end

local function refund_queue(name, rec)
  local fk, dest, queue = lane_of(rec)
  local q = namespace_of(name) .. "/" .. queue
  local qk, leased_at = P .. "q:" .. q, u6(rec, 19)
  local of = queues_refunded[q]
  if not of then
    local c = call("HMGET", qk, "conf", "hw")
    of = { conf = read_conf(c[1]) }
    of.rooms = c[1] and rooms_of(q, of.conf, nil, nil, c[2])
    queues_refunded[q] = of
  end
  if not of.rooms or leased_at < of.conf.since or has_moved(rec) then
    return
  end
  if of.conf.granted then
    owed_elsewhere[#owed_elsewhere + 1] = q
    owed_elsewhere[#owed_elsewhere + 1] = num(leased_at)
  elseif of.conf.rate then
    local limit = open_limit(call("HGET", qk, "limit"), of.conf.rate, of.conf.burst)
    limit_refund(limit, leased_at)
    call("HSET", qk, "limit", (keep_limit(limit)))
    opened[q] = true
  end
  local fields = { "k" .. fk, dest ~= "" and "d" .. dest or nil }
  of.rooms.load(fields)
  for i = 1, #fields do
    if of.rooms.refund(fields[i], leased_at) then
      look_again(q, fields[i])
    end
  end
end
